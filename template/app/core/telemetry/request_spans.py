"""The span of a request: FastAPI itself puts it around all middleware."""

from fastapi.telemetry import TelemetryConfig
from starlette.types import Scope

from app.core.request import PROBE_PATHS, local_path


def is_probe(scope: Scope) -> bool:
    """Tell the requests that machines send all the time."""
    return local_path(scope) in PROBE_PATHS


# It only traces, and only while there is somewhere to send traces to; metrics, logs and
# the export are this service's own.
TELEMETRY: TelemetryConfig = {
    "auto_configure": False,
    "exclude": is_probe,
    "logs": False,
    "metrics": False,
    "operation_spans": False,
}
