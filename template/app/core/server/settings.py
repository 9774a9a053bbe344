"""``SERVER_…``: for ``python -m app.serve``; times are in seconds."""

from pydantic import Field

from app.core.settings import Group


class ServerSettings(Group):
    """``SERVER_…``: for ``python -m app.serve``; times are in seconds."""

    host: str = "0.0.0.0"  # noqa: S104 - containers and firewalls limit who connects
    port: int = Field(default=8000, ge=0, le=65535)
    # Connections that wait to be accepted.
    backlog: int = Field(default=2048, ge=1, le=65535)
    # The maximum of open connections: in total, and per client except trusted proxies.
    max_connections: int = Field(default=10_000, ge=1, le=1_000_000)
    max_client_connections: int = Field(default=250, ge=1, le=1_000_000)
    # Keep-alive timeout; set it above the idle timeout of your load balancer.
    keep_alive: int = Field(default=75, ge=0, le=3600)
    # How long requests may go on after APP_DRAIN_TIME.
    stop_timeout: int = Field(default=30, ge=0, le=3600)
