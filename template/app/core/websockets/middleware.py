"""Handover of accepted WebSockets to their endpoints, within limits."""

from collections import Counter
from collections.abc import Awaitable, Collection
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.errors import problem_response
from app.core.request import HttpMiddleware, network_of
from app.core.websockets.connection import Connection

SHARE = 4  # one client may have a fourth of all WebSockets


class WebSocketMiddleware(HttpMiddleware):
    """Serve WebSockets: check the origin of pages, and limit how many are open.

    An open WebSocket is no longer a request for the middleware outside: it holds none
    of the places of requests, and no deadline ends it.
    """

    def __init__(self, app: ASGIApp, limit: int, origins: Collection[str]) -> None:
        super().__init__(app)
        self.limit = limit
        self.origins = frozenset(origins)
        self.open = Counter[str]()  # by client

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve a handshake; pass on requests."""
        serve = self.serve if "websocket" in scope else self.app
        return serve(scope, receive, send)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a handshake, and the WebSocket that it opens."""
        host, _ = scope["client"] or (None, None)
        client = network_of(host)
        if not self._is_allowed(Headers(scope=scope)):
            detail = "Pages of this origin may not connect."
            refusal = problem_response(HTTPStatus.FORBIDDEN, detail=detail)
            await refusal(scope, receive, send)
        elif self._is_full(client):
            detail = "There are too many WebSockets."
            refusal = problem_response(HTTPStatus.SERVICE_UNAVAILABLE, detail=detail)
            await refusal(scope, receive, send)
        else:
            self.open[client] += 1
            try:
                await Connection(scope, send).serve(self.app)
            finally:
                self.open -= Counter([client])

    def _is_allowed(self, headers: Headers) -> bool:
        """Tell whether a handshake comes from an allowed page, or from no browser.

        Browsers let every page connect to every host (RFC 6455, section 10.2).
        """
        origin = headers.get("Origin", "").lower()
        return (
            not origin
            or not self.origins.isdisjoint({origin, "*"})
            or origin.partition("://")[2] == headers.get("Host", "").lower()
        )

    def _is_full(self, client: str) -> bool:
        most = max(1, self.limit // SHARE)
        return self.open.total() >= self.limit or self.open[client] >= most
