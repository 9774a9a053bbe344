"""Limits on the size of URLs, headers and bodies."""

from http import HTTPStatus
from typing import Any

from anyio import move_on_after
from fastapi.routing import iter_route_contexts
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.problems import problem_response
from app.core.settings import ApiSettings
from app.middleware.base import HttpMiddleware
from app.middleware.route import find_route

FORM = "application/x-www-form-urlencoded"
MAX_FORM = 64 * 1024  # bytes; decoding a form takes much longer than parsing JSON
MAX_DIGITS = 18  # of a length; Python refuses to read thousands
LINGER = 1  # seconds


class SizeLimitMiddleware(HttpMiddleware):
    """Reject long URLs, headers and bodies, announced or not, and keep none of them.

    A route's own ``max_body_size`` replaces ``API_MAX_BODY_SIZE``, in both directions.
    """

    def __init__(self, app: ASGIApp, settings: ApiSettings) -> None:
        super().__init__(app)
        self.max_url = settings.max_url_size
        self.max_headers = settings.max_header_size
        self.max_body = settings.max_body_size
        self.harmless: int | None = None

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        refusal = self._refusal(scope)
        received = 0

        async def receive_within_limit() -> Message:
            nonlocal received, refusal
            message = await receive()
            received += len(message.get("body", b""))
            if refusal := self._refuse_body(scope, received):
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

    def _refusal(self, scope: Scope) -> HTTPException | None:
        """Return the error of a request that is too long as far as announced."""
        url = len(scope.get("raw_path", b"")) + len(scope["query_string"])
        if url > self.max_url:
            return _error(HTTPStatus.REQUEST_URI_TOO_LONG, self.max_url)
        headers = sum(len(name) + len(value) for name, value in scope["headers"])
        if headers > self.max_headers:
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            return _error(status, self.max_headers)
        length = Headers(scope=scope).get("content-length", "")
        # Other characters are not for us to judge: the server refuses them.
        announced = int(length[: MAX_DIGITS + 1]) if length.isdecimal() else 0
        if refusal := self._refuse_body(scope, announced):
            scope["route"] = find_route(scope)  # for logs and metrics
        return refusal

    def _refuse_body(self, scope: Scope, size: int) -> HTTPException | None:
        if self.harmless is None:
            self.harmless = min(self.max_body, MAX_FORM, *_declared(scope["app"]))
        if size <= self.harmless:  # as nearly all are: there is no need for the route
            return None
        limit = getattr(find_route(scope), "max_body_size", None)
        if limit is None:
            kind = Headers(scope=scope).get("content-type", "").lower()
            is_form = kind.startswith(FORM)
            limit = min(self.max_body, MAX_FORM) if is_form else self.max_body
        too_large = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return _error(too_large, limit) if size > limit else None


def _declared(app: Any) -> list[int]:  # noqa: ANN401
    """Return the limits that routes declare."""
    limits = (
        getattr(route, "max_body_size", None)
        for route in iter_route_contexts(app.routes)
    )
    return [limit for limit in limits if limit is not None]


def _error(status: HTTPStatus, limit: int) -> HTTPException:
    return HTTPException(status, f"The limit is {limit} bytes.")


async def _discard(receive: Receive) -> None:
    """Let the client send on for a while: only then does it read why it is refused.

    What arrives at a closed connection makes its system forget the answer.
    """
    with move_on_after(LINGER):
        while (await receive()).get("more_body"):
            pass
