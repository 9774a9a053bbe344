"""Limits on the size of URLs, headers and bodies."""

from http import HTTPStatus

from anyio import move_on_after
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import problem_response
from app.core.limits.settings import LimitSettings
from app.core.request import HttpMiddleware, RequestContext

FORM = "application/x-www-form-urlencoded"
MAX_FORM = 64 * 1024  # bytes; decoding a form takes much longer than parsing JSON
# In cookies, where they are not allowed (RFC 6265, section 4.1.1). Python before 3.11.9
# and 3.12.5 parses them in quadratic time: 32 KiB take seconds.
MAX_BACKSLASHES = 30
MAX_DIGITS = 18  # of a length; Python refuses to parse thousands
LINGER = 1  # seconds
SEPARATORS = 4  # bytes of a header beside its name and value


class SizeLimitMiddleware(HttpMiddleware):
    """Reject URLs, headers and bodies above their limits, without storing them.

    A route's own ``max_body_size`` replaces ``LIMITS_MAX_BODY_SIZE``, whichever is
    larger.
    """

    def __init__(self, app: ASGIApp, settings: LimitSettings) -> None:
        super().__init__(app)
        self.max_url = settings.max_url_size
        self.max_headers = settings.max_header_size
        self.max_body = settings.max_body_size

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        received, limit = 0, self._limit(scope)
        refusal = self._refusal(scope, limit)

        async def receive_within_limit() -> Message:
            nonlocal received, refusal
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                refusal = _too_large(limit)
                raise refusal
            return message

        async def send_and_linger(message: Message) -> None:
            is_body = message["type"] == "http.response.body"
            is_last = is_body and not message.get("more_body")
            if is_last and refusal:
                await send({**message, "more_body": True})
                await _discard(receive)
                message = {"type": "http.response.body"}
            await send(message)

        if refusal:
            status = HTTPStatus(refusal.status_code)
            response = problem_response(status, detail=refusal.detail)
            await response(scope, receive, send_and_linger)
        else:
            await self.app(scope, receive_within_limit, send_and_linger)

    def _refusal(self, scope: Scope, limit: int) -> HTTPException | None:
        """Return the error for a request whose declared sizes exceed a limit."""
        url = len(scope.get("raw_path", b"")) + len(scope["query_string"])
        if url > self.max_url:
            return _error(HTTPStatus.REQUEST_URI_TOO_LONG, self.max_url)
        headers = sum(
            len(name) + len(value) + SEPARATORS for name, value in scope["headers"]
        )
        if headers > self.max_headers:
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            return _error(status, self.max_headers)
        cookies = (value for name, value in scope["headers"] if name == b"cookie")
        if b"".join(cookies).count(b"\\") > MAX_BACKSLASHES:
            detail = "The cookies have too many backslashes."
            return HTTPException(HTTPStatus.BAD_REQUEST, detail)
        length = Headers(scope=scope).get("content-length", "")
        # The server rejects other invalid characters.
        announced = int(length[: MAX_DIGITS + 1]) if length.isdecimal() else 0
        return _too_large(limit) if announced > limit else None

    def _limit(self, scope: Scope) -> int:
        """Return the body limit for a request."""
        context: RequestContext = scope["state"]["context"]
        if context.route and context.route.max_body_size is not None:
            return context.route.max_body_size
        kind = Headers(scope=scope).get("content-type", "").lower()
        return min(self.max_body, MAX_FORM) if kind.startswith(FORM) else self.max_body


def _too_large(limit: int) -> HTTPException:
    return _error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, limit)


def _error(status: HTTPStatus, limit: int) -> HTTPException:
    return HTTPException(status, f"The limit is {limit} bytes.")


async def _discard(receive: Receive) -> None:
    """Discard the rest of the body for a while, so that the client gets the response.

    Data that arrives at a closed socket resets the connection and drops the response.
    """
    with move_on_after(LINGER):
        while (await receive()).get("more_body"):
            pass
