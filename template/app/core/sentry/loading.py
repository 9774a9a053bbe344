"""Loading of Sentry, whose package is a dependency group."""

from contextlib import AbstractContextManager, nullcontext

from app.core.sentry.settings import SentrySettings
from app.core.settings import AppSettings, load_optional


def load_sentry(
    settings: SentrySettings, app: AppSettings
) -> AbstractContextManager[None]:
    """Return a context in which errors are reported if there is a DSN.

    Ends the process if there is one but the package is not installed.
    """
    dsn = settings.dsn.get_secret_value()
    if not dsn:
        return nullcontext()
    sentry = load_optional(
        "app.core.sentry.reports", variable="SENTRY_DSN", group="sentry"
    )
    reporting: AbstractContextManager[None] = sentry.report_errors(dsn, app)
    return reporting
