"""How many requests a client may make, whatever it asks for."""

from starlette.types import Receive, Scope, Send

from app.core.errors import AppError, error_response
from app.core.rate_limits.rate_limits import RateLimits
from app.core.request import PROBE_PATHS, HttpMiddleware, local_path, network_of

# What operators ask. No more than these paths: below them, scanners try names.
EXEMPT = PROBE_PATHS | {"/health"}


class RateLimitMiddleware(HttpMiddleware):
    """Refuse a client that asks too often, before anything is done for it."""

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if local_path(scope) in EXEMPT:
            await self.app(scope, receive, send)
            return
        limits: RateLimits = scope["state"]["rate_limits"]
        host, _ = scope["client"] or (None, None)
        try:
            await limits.count("client", network_of(host), scope["method"])
        except AppError as error:
            await error_response(error)(scope, receive, send)
        else:
            await self.app(scope, receive, send)
