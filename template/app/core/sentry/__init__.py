"""Error reports to Sentry."""

from app.core.sentry.loading import load_sentry
from app.core.sentry.settings import SentrySettings

__all__ = [
    "SentrySettings",
    "load_sentry",
]
