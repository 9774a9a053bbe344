"""``LIMITS_…``: limits of every request; sizes in bytes, times in seconds."""

from pydantic import Field

from app.core.settings import Group


class LimitSettings(Group):
    """``LIMITS_…``: limits of every request; sizes in bytes, times in seconds."""

    max_url_size: int = Field(default=8 * 1024, ge=1, le=1024 * 1024)
    max_header_size: int = Field(default=32 * 1024, ge=1, le=1024 * 1024)
    max_body_size: int = Field(default=256 * 1024, ge=0, le=1024 * 1024 * 1024)
    # The maximum number of concurrent requests; further ones get 503.
    max_concurrency: int = Field(default=200, ge=1, le=100_000)
    # The maximum number of open streams; further ones get 503.
    max_streams: int = Field(default=1000, ge=1, le=100_000)
    # A request without a response after this time gets 504.
    deadline: float = Field(default=30, gt=0, le=3600)
    # The maximum number of open WebSockets in a process; further ones get 503.
    max_websockets: int = Field(default=1000, ge=0, le=1_000_000)
    # The maximum size of a message of a WebSocket; a longer one closes it.
    max_message_size: int = Field(default=64 * 1024, ge=1, le=1024 * 1024 * 1024)
