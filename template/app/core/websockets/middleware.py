"""Handover of accepted WebSockets to their endpoints, within limits."""

from collections.abc import Awaitable, Collection
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.errors import problem_response
from app.core.limits import ClientShares
from app.core.request import HttpMiddleware, client_network
from app.core.websockets.connection import Connection


class WebSocketMiddleware(HttpMiddleware):
    """Serve WebSockets: check the origin of pages, and limit how many are open.

    An open WebSocket is no longer a request for the middleware outside: it holds none
    of the places of requests, and no deadline ends it.
    """

    def __init__(self, app: ASGIApp, limit: int, origins: Collection[str]) -> None:
        super().__init__(app)
        self.origins = frozenset(origins)
        self.open = ClientShares(limit)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve a handshake; pass on requests."""
        serve = self.serve if "websocket" in scope else self.app
        return serve(scope, receive, send)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a handshake, and the WebSocket that it opens."""
        client = client_network(scope)
        if not self._is_allowed(Headers(scope=scope)):
            detail = "Pages of this origin may not connect."
            refusal = problem_response(HTTPStatus.FORBIDDEN, detail=detail)
            await refusal(scope, receive, send)
        elif not self.open.acquire(client):
            detail = "There are too many WebSockets."
            refusal = problem_response(HTTPStatus.SERVICE_UNAVAILABLE, detail=detail)
            await refusal(scope, receive, send)
        else:
            try:
                await Connection(scope, send).serve(self.app)
            finally:
                self.open.release(client)

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
