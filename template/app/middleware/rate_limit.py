"""How many requests a client may make, whatever it asks for."""

from starlette.types import Receive, Scope, Send

from app.core.error_handlers import error_response
from app.core.exceptions import AppError
from app.core.network import network_of
from app.core.rate_limits import RateLimits
from app.middleware.base import WATCHED, HttpMiddleware, local_path

# What operators ask. No more than these paths: below them, scanners try names.
EXEMPT = WATCHED | {"/health"}


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
