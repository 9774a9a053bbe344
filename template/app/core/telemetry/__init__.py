"""Traces (OpenTelemetry) and error reports (Sentry)."""

from app.core.telemetry.exporters import load_exporters
from app.core.telemetry.request_spans import TELEMETRY
from app.core.telemetry.settings import OtelSettings, SentrySettings

__all__ = [
    "TELEMETRY",
    "OtelSettings",
    "SentrySettings",
    "load_exporters",
]
