"""Checks of logins while an event stream or a WebSocket is open."""

from asyncio import sleep
from collections.abc import Awaitable
from random import uniform

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import AppError, UnauthenticatedError
from app.core.request import (
    RequestContext,
    request_options,
    serve_until,
    starts_events,
)
from app.core.security.dependencies import authenticate

ENDS: dict[str, Message] = {
    "http": {"type": "http.response.body", "body": b""},
    "websocket": {
        "type": "websocket.close",
        "code": 4401,  # 4000 and the status
        "reason": "Unauthorized",
    },
}


class LoginCheckMiddleware:
    """End event streams and WebSockets once their login is no longer valid.

    That is when the access token or API key has expired or is revoked, and when the
    permissions have changed. The client connects again, with a new token. Other streams
    go on: what they send was allowed when they began.
    """

    def __init__(self, app: ASGIApp, interval: float) -> None:
        self.app = app
        self.interval = interval

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or a WebSocket."""
        if scope["type"] != "websocket" and not request_options(scope).stream:
            await self.app(scope, receive, send)
            return

        def find_end(message: Message) -> Awaitable[object] | None:
            context: RequestContext = scope["state"]["context"]
            begins = message["type"] == "websocket.accept" or starts_events(message)
            return self._until_invalid(scope) if begins and context.principal else None

        if await serve_until(find_end, self.app, scope, receive, send):
            await send(ENDS[scope["type"]])

    async def _until_invalid(self, scope: Scope) -> None:
        """Authenticate at random times, so that not all connections do so at once."""
        connection = HTTPConnection(scope)
        principal = before = connection.state.context.principal
        while principal == before:
            await sleep(self.interval * uniform(0.5, 1))  # noqa: S311
            try:
                principal = await authenticate(connection)
            except UnauthenticatedError:
                return
            except AppError:  # an outage ends no connection
                continue
