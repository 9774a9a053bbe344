"""The server: connections, and shutdown."""

from app.core.server.event_streams import EventStreamMiddleware
from app.core.server.middleware import DrainMiddleware
from app.core.server.open_connections import OpenConnections, raise_descriptor_limit
from app.core.server.protocol import UVICORN
from app.core.server.settings import ServerSettings
from app.core.server.shutdown import Drain, DrainDep, DrainingServer

__all__ = [
    "UVICORN",
    "Drain",
    "DrainDep",
    "DrainMiddleware",
    "DrainingServer",
    "EventStreamMiddleware",
    "OpenConnections",
    "ServerSettings",
    "raise_descriptor_limit",
]
