"""``IDEMPOTENCY_…``: how long responses are stored for retries."""

from pydantic import Field

from app.core.settings import Group


class IdempotencySettings(Group):
    """``IDEMPOTENCY_…``: how long responses are stored for retries."""

    # Seconds for which a response is stored for retries with its Idempotency-Key.
    ttl: int = Field(default=24 * 3600, ge=1, le=365 * 24 * 3600)
