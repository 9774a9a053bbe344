"""The span of a request: FastAPI itself puts it around all middleware."""

from fastapi.telemetry import TelemetryConfig
from starlette.types import Scope

from app.middleware.base import WATCHED, local_path


def is_watched(scope: Scope) -> bool:
    """Tell the requests that machines send all the time."""
    return local_path(scope) in WATCHED


# It only traces, and only while there is somewhere to send traces to; metrics, logs and
# the export are this service's own.
TELEMETRY: TelemetryConfig = {
    "auto_configure": False,
    "exclude": is_watched,
    "logs": False,
    "metrics": False,
    "operation_spans": False,
}
