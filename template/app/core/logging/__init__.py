"""Logs: format, handler, redaction and the access log."""

from app.core.logging.access_log import AccessLogMiddleware
from app.core.logging.configuration import configure_logs
from app.core.logging.redaction import REDACTED, plain, redact
from app.core.logging.settings import LogSettings

__all__ = [
    "REDACTED",
    "AccessLogMiddleware",
    "LogSettings",
    "configure_logs",
    "plain",
    "redact",
]
