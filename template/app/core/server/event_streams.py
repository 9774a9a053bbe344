"""The end of event streams at shutdown."""

from collections.abc import Awaitable

from starlette.types import Message, Receive, Scope, Send

from app.core.request import (
    HttpMiddleware,
    request_options,
    serve_until,
    starts_events,
)
from app.core.server.shutdown import Drain


class EventStreamMiddleware(HttpMiddleware):
    """End event streams when the server stops. Their clients connect again, elsewhere.

    Other streams, such as downloads, go on: a client could not tell that a part is
    missing. An endpoint with another endless stream awaits ``drain.stopping`` itself.
    """

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        drain: Drain = scope["state"]["drain"]

        def find_end(message: Message) -> Awaitable[object] | None:
            return drain.stopping.wait() if starts_events(message) else None

        if not request_options(scope).stream:
            await self.app(scope, receive, send)
        elif await serve_until(find_end, self.app, scope, receive, send):
            await send({"type": "http.response.body", "body": b""})
