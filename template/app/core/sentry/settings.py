"""``SENTRY_…``: where errors are reported."""

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

from app.core.settings import Group, is_public


def _sentry_dsn(value: SecretStr) -> SecretStr:
    dsn = value.get_secret_value()
    url = urlsplit(dsn)
    if dsn and not (url.scheme in {"http", "https"} and url.username and url.path[1:]):
        raise ValueError("is not a DSN such as https://key@sentry.example.com/1")
    return value


SentryDsn = Annotated[SecretStr, AfterValidator(_sentry_dsn)]


class SentrySettings(Group):
    """``SENTRY_…``: where unexpected errors are reported."""

    dsn: SentryDsn = SecretStr("")

    def insecure(self) -> Iterator[str]:
        """Yield what production must not accept."""
        url = urlsplit(self.dsn.get_secret_value())
        if url.scheme == "http" and is_public(url.hostname):
            yield "SENTRY_DSN: sends reports in the clear"
