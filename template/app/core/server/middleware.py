"""Connections end before the process does."""

from starlette.types import Message, Receive, Scope, Send

from app.core.request import HttpMiddleware
from app.core.server.shutdown import Drain

CLOSE = (b"connection", b"close")


class DrainMiddleware(HttpMiddleware):
    """While draining, close each connection with an answer: the next goes elsewhere.

    A client that used it just when connections at rest are closed would lose a request.
    """

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        drain: Drain = scope["state"]["drain"]

        async def send_and_close(message: Message) -> None:
            if drain.draining and message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), CLOSE]
            await send(message)

        await self.app(scope, receive, send_and_close)
