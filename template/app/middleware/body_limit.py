"""How much a client may send."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.problems import problem_response
from app.middleware.base import HttpMiddleware

MAX_DIGITS = 18  # of a length; Python refuses to read thousands


class BodyLimitMiddleware(HttpMiddleware):
    """Refuse bodies over ``max_size`` bytes, announced or not, without reading on."""

    def __init__(self, app: ASGIApp, max_size: int) -> None:
        super().__init__(app)
        self.max_size = max_size

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and (
            len(announced) > MAX_DIGITS or int(announced) > self.max_size
        ):
            response = problem_response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            await response(scope, receive, send)
            return
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.max_size:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self.app(scope, receive_within_limit, send)
