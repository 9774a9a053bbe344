"""``DATABASE_…``: URLs, pool and timeouts; times are in seconds."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import NoDecode
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from app.core.settings import Group, is_public

EXAMPLE_URL = "postgresql://user:password@host:5432/database"
MIN_PASSWORD = 8  # characters: NIST SP 800-63B
GUESSES = {"admin", "changeme", "database", "password", "postgres", "secret"}


def _postgresql_url(value: object) -> URL:
    """Parse a PostgreSQL URL, with any of the common schemes."""
    try:
        url = value if isinstance(value, URL) else make_url(str(value))
    except (ArgumentError, ValueError) as error:
        raise ValueError(f"is not a URL such as {EXAMPLE_URL}") from error
    if url.get_backend_name() not in {"postgresql", "postgres"} or not url.database:
        raise ValueError(f"is not a PostgreSQL URL such as {EXAMPLE_URL}")
    return url.set(drivername="postgresql")


# Its repr hides the password: "postgresql://user:***@host/…".
PostgresUrl = Annotated[URL, NoDecode, BeforeValidator(_postgresql_url)]


class DatabaseSettings(Group):
    """``DATABASE_…``: URLs, pool and timeouts; times are in seconds."""

    # Replaces a password in the URL.
    password: SecretStr = SecretStr("")
    url: PostgresUrl
    # A read replica. A client that wrote reads the primary for replica_lag seconds; set
    # it above the lag of the replica.
    replica_url: PostgresUrl | None = None
    replica_lag: int = Field(default=5, ge=1, le=3600)
    pool_size: int = Field(default=5, ge=1, le=1000)
    pool_overflow: int = Field(default=10, ge=0, le=1000)
    pool_timeout: float = Field(default=3, gt=0, le=600)
    pool_recycle: int = Field(default=1800, ge=1, le=7 * 24 * 3600)
    connect_timeout: int = Field(default=3, ge=2, le=60)  # libpq does not go lower
    statement_timeout: float = Field(default=15, gt=0, le=3600)
    lock_timeout: float = Field(default=5, gt=0, le=3600)
    # Whether the URL is that of PgBouncer or another pooler in transaction mode.
    transaction_pooling: bool = False

    @field_validator("url", "replica_url")
    @classmethod
    def _add_password(cls, url: URL | None, info: ValidationInfo) -> URL | None:
        password = info.data["password"].get_secret_value()
        return url.set(password=password) if url and password else url

    @property
    def replica(self) -> Self:
        """These settings with the URL of the replica."""
        return self.model_copy(update={"url": self.replica_url or self.url})

    @property
    def pool_limit(self) -> int:
        """The maximum number of connections per process."""
        return self.pool_size + self.pool_overflow

    def insecure(self) -> Iterator[str]:
        """Yield what production must not accept."""
        urls = {"DATABASE_URL": self.url}
        if self.replica_url:
            urls["DATABASE_REPLICA_URL"] = self.replica_url
        for name, url in urls.items():
            if url.password and _is_guess(url.password, url):
                yield f"{name}: its password is among the first that are tried"
            if is_public(url.host) and _is_in_the_clear(url):
                yield f"{name}: sslmode sends data in the clear over a public network"


def _is_guess(password: str, url: URL) -> bool:
    """Tell whether a password is short or common, even with digits appended."""
    word = password.lower().rstrip("0123456789!._-")
    known = {*GUESSES, url.username, url.database, ""}
    return len(password) < MIN_PASSWORD or not {word, password}.isdisjoint(known)


def _is_in_the_clear(url: URL) -> bool:
    modes = {url.query.get("sslmode"), url.query.get("ssl")}
    return not modes.isdisjoint({"disable", "allow", "false", "0"})
