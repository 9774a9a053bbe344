"""Traces, exported with OpenTelemetry."""

from app.core.tracing.loading import load_tracing
from app.core.tracing.request_spans import TELEMETRY
from app.core.tracing.settings import OtelSettings

__all__ = [
    "TELEMETRY",
    "OtelSettings",
    "load_tracing",
]
