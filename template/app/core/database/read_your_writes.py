"""Read-your-writes consistency with a replica, by a cookie."""

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.request import SAFE_METHODS, HttpMiddleware, RequestContext

WROTE = "wrote"


class ReadYourWritesMiddleware(HttpMiddleware):
    """Send reads of a client to the primary for a while after it wrote.

    A cookie marks the client, so this works with any number of processes. A client can
    also ask for the primary with ``Cache-Control: no-cache`` (RFC 9111).
    """

    def __init__(self, app: ASGIApp, *, lag: int, secure: bool) -> None:
        super().__init__(app)
        cookie = f"{WROTE}=1; Max-Age={lag}; Path=/"
        flags = "; HttpOnly; SameSite=Lax"
        attribute = "; Secure" if secure else ""
        self.header = (b"set-cookie", f"{cookie}{flags}{attribute}".encode())

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        context: RequestContext = scope["state"]["context"]
        context.use_replica = _can_use_replica(HTTPConnection(scope))
        if scope["method"] not in SAFE_METHODS:
            context.headers.append(self.header)
        await self.app(scope, receive, send)


def _can_use_replica(request: HTTPConnection) -> bool:
    asks_for_newest = "no-cache" in request.headers.get("Cache-Control", "").lower()
    return not asks_for_newest and WROTE not in request.cookies
