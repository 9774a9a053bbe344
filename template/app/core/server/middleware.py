"""Closing of connections before shutdown."""

from starlette.types import Message, Receive, Scope, Send

from app.core.request import HttpMiddleware
from app.core.server.shutdown import Drain

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

        await self.app(scope, receive, send_and_close)
