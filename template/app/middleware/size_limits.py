"""How much a client may send."""

from http import HTTPStatus

from anyio import move_on_after
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.problems import problem_response
from app.core.settings import ApiSettings
from app.middleware.base import HttpMiddleware

MAX_DIGITS = 18  # of a length; Python refuses to read thousands
LINGER = 1  # seconds


class SizeLimitMiddleware(HttpMiddleware):
    """Refuse long URLs, headers and bodies, announced or not, and keep none of them."""

    def __init__(self, app: ASGIApp, settings: ApiSettings) -> None:
        super().__init__(app)
        self.max_url = settings.max_url_size
        self.max_headers = settings.max_header_size
        self.max_body = settings.max_body_size

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        refusal = self._refusal(scope)
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.max_body:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        async def send_and_linger(message: Message) -> None:
            is_body = message["type"] == "http.response.body"
            is_last = is_body and not message.get("more_body")
            if is_last and (refusal or received > self.max_body):
                await send({**message, "more_body": True})
                await _discard(receive)
                message = {"type": "http.response.body"}
            await send(message)

        if refusal:
            await problem_response(refusal)(scope, receive, send_and_linger)
        else:
            await self.app(scope, receive_within_limit, send_and_linger)

    def _refusal(self, scope: Scope) -> HTTPStatus | None:
        """Return what to answer to a request that is too long as far as announced."""
        if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > self.max_url:
            return HTTPStatus.REQUEST_URI_TOO_LONG
        headers = scope["headers"]
        if sum(len(name) + len(value) for name, value in headers) > self.max_headers:
            return HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and (
            len(length) > MAX_DIGITS or int(length) > self.max_body
        ):
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return None


async def _discard(receive: Receive) -> None:
    """Let the client send on for a while: only then does it read why it is refused.

    What arrives at a closed connection makes its system forget the answer.
    """
    with move_on_after(LINGER):
        while (await receive()).get("more_body"):
            pass
