"""The end of event streams at shutdown."""

from asyncio import Task, create_task

from anyio import CancelScope
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from app.core.request import HttpMiddleware, RequestContext
from app.core.server.shutdown import Drain


class EventStreamMiddleware(HttpMiddleware):
    """End event streams when the server stops. Their clients connect again, elsewhere.

    Other streams, such as downloads, go on: a client could not tell that a part is
    missing. An endpoint with another endless stream awaits ``drain.stopping`` itself.
    """

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        context: RequestContext = scope["state"]["context"]
        if context.options.stream:
            await self._serve_stream(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _serve_stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        drain: Drain = scope["state"]["drain"]
        stopping: Task[bool] | None = None
        response = CancelScope()

        async def watch(message: Message) -> None:
            nonlocal stopping
            await send(message)
            if message["type"] == "http.response.start" and _has_events(message):
                stopping = create_task(drain.stopping.wait())
                stopping.add_done_callback(lambda _: response.cancel())

        with response:
            try:
                await self.app(scope, receive, watch)
            finally:
                if stopping:
                    stopping.cancel()
        if response.cancelled_caught:
            await send({"type": "http.response.body", "body": b""})


def _has_events(message: Message) -> bool:
    media_type = Headers(raw=message["headers"]).get("content-type", "")
    return media_type.startswith("text/event-stream")
