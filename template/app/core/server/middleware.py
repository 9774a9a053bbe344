"""Closing of connections before shutdown."""

import logging
from asyncio import CancelledError

from starlette.types import Message, Receive, Scope, Send

from app.core.request import HttpMiddleware, route_template
from app.core.server.shutdown import Drain

logger = logging.getLogger(__name__)

CLOSE = (b"connection", b"close")


class DrainMiddleware(HttpMiddleware):
    """While draining, close each connection after its response.

    A client that reused an idle connection during shutdown would lose its request.
    """

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        drain: Drain = scope["state"]["drain"]

        async def send_and_close(message: Message) -> None:
            if drain.draining and message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), CLOSE]
            await send(message)

        try:
            await self.app(scope, receive, send_and_close)
        except CancelledError:  # SERVER_STOP_TIMEOUT is over
            if not drain.stopping.is_set():
                raise
            logger.warning("A response was cut off: %s", route_template(scope))
