"""Compression of responses with gzip."""

from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.request import HttpMiddleware, RequestContext

WORTH_COMPRESSING = 1024  # bytes


class CompressionMiddleware(HttpMiddleware):
    """Compress responses of some length, and give them another ETag.

    A strong ETag identifies bytes (RFC 9110, section 8.8.3.3). A weak ETag for both
    would suffice for reads, but a client could not use it in ``If-Match``.
    """

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(GZipMiddleware(app, minimum_size=WORTH_COMPRESSING))
        self.plain = app

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Streams are not compressed, which would delay them."""
        context: RequestContext = scope["state"]["context"]
        if context.options.stream:
            await self.plain(scope, receive, send)
            return

        async def send_tagged(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                if message["status"] == HTTPStatus.NOT_MODIFIED:
                    headers.add_vary_header("Accept-Encoding")
                tag, coding = headers.get("etag"), headers.get("content-encoding")
                if tag and coding:
                    headers["etag"] = f'{tag[:-1]}-{coding}"'
            await send(message)

        await self.app(scope, receive, send_tagged)
