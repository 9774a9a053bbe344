"""Replicas lag behind, but not for those who wrote."""

from http import HTTPMethod

from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.context import WROTE, RequestContext
from app.core.settings import Settings
from app.middleware.base import HttpMiddleware

READING = {HTTPMethod.GET, HTTPMethod.HEAD, HTTPMethod.OPTIONS}


class ReadYourWritesMiddleware(HttpMiddleware):
    """Give a cookie to those who write: for a while they read no replica.

    It holds nothing, so any process may answer what the client asks next.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        super().__init__(app)
        cookie = f"{WROTE}=1; Max-Age={settings.database.replica_lag}; Path=/"
        flags = "; HttpOnly; SameSite=Lax"
        secure = "; Secure" if settings.app.is_production else ""
        self.header = (b"set-cookie", f"{cookie}{flags}{secure}".encode())

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["method"] not in READING:
            context: RequestContext = scope["state"]["context"]
            context.headers.append(self.header)
        await self.app(scope, receive, send)
