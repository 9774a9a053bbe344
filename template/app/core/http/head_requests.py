"""HEAD for every endpoint with GET."""

from http import HTTPStatus

from anyio import CancelScope
from starlette.types import Message, Receive, Scope, Send

from app.core.request import HttpMiddleware, is_stream


class HeadMiddleware(HttpMiddleware):
    """Serve HEAD like GET, without the body (RFC 9110, section 9.3.2)."""

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_as_head(message: Message) -> None:
            # The server omits the body, because it sees the original method.
            scope["method"] = "HEAD"
            await send(message)
            if is_stream(scope, message.get("status", HTTPStatus.BAD_REQUEST)):
                serving.cancel()  # it may be endless

        scope["method"] = "GET"
        try:
            with CancelScope() as serving:
                await self.app(scope, receive, send_as_head)
        finally:
            scope["method"] = "HEAD"
        if serving.cancelled_caught:
            await send({"type": "http.response.body", "body": b""})
