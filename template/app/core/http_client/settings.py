"""``OUTBOUND_…``: calls to other services; times are in seconds."""

from pydantic import Field

from app.core.settings import Group


class OutboundSettings(Group):
    """``OUTBOUND_…``: calls to other services; times are in seconds."""

    connect_timeout: float = Field(default=2, gt=0, le=600)
    # For the next part of a response.
    read_timeout: float = Field(default=5, gt=0, le=600)
    pool_timeout: float = Field(default=2, gt=0, le=600)
    # For a call with all its retries, including the body of the response.
    total_timeout: float = Field(default=10, gt=0, le=3600)
    max_connections: int = Field(default=20, ge=1, le=10_000)
    # Retries of idempotent calls; backoff is the longest pause before the first one.
    retries: int = Field(default=2, ge=0, le=10)
    backoff: float = Field(default=0.1, gt=0, le=60)
