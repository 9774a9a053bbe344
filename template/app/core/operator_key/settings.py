"""``OPS_…``: access for operators, and health checks; times are in seconds."""

from collections.abc import Iterator

from pydantic import Field, SecretStr

from app.core.settings import Group, looks_random

MIN_KEY = 32  # characters: 128 bits in hexadecimal digits


class OpsSettings(Group):
    """``OPS_…``: access for operators, and health checks; times are in seconds."""

    # Opens /metrics and /health. Without a key they exist in development only.
    key: SecretStr = SecretStr("")
    # The timeout of a health check, and how long its result is reused.
    check_timeout: float = Field(default=2, gt=0, le=60)
    check_ttl: float = Field(default=1, ge=0, le=3600)

    def insecure(self) -> Iterator[str]:
        """Yield what production must not accept."""
        key = self.key.get_secret_value()
        if 0 < len(key) < MIN_KEY:
            yield f"OPS_KEY: has less than {MIN_KEY} characters"
        elif key and not looks_random(key):
            yield "OPS_KEY: is not random: openssl rand -hex 32"
