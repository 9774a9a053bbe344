"""Spans of requests, which FastAPI opens around all middleware."""

from fastapi.telemetry import TelemetryConfig
from starlette.types import Scope

from app.core.request import PROBE_PATHS, local_path


def is_probe(scope: Scope) -> bool:
    """Tell whether a request is a probe, which is not traced."""
    return local_path(scope) in PROBE_PATHS


# FastAPI only traces, and only if traces are exported. The service has its own metrics,
# logs and exporters.
TELEMETRY: TelemetryConfig = {
    "auto_configure": False,
    "exclude": is_probe,
    "logs": False,
    "metrics": False,
    "operation_spans": False,
}
