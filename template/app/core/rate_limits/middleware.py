"""Rate limits of clients, for all paths."""

from starlette.types import Receive, Scope, Send

from app.core.errors import AppError, error_response
from app.core.rate_limits.rate_limits import RateLimits
from app.core.request import PROBE_PATHS, HttpMiddleware, client_network, local_path

# Paths of operators; scanners guess names below them, so paths must match exactly.
EXEMPT = PROBE_PATHS | {"/health"}


class RateLimitMiddleware(HttpMiddleware):
    """Reject requests of a client above its rate limit with 429."""

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if local_path(scope) in EXEMPT:
            await self.app(scope, receive, send)
            return
        limits: RateLimits = scope["state"]["rate_limits"]
        client, context = client_network(scope), scope["state"]["context"]
        try:
            await limits.count("client", client, scope["method"], context)
        except AppError as error:
            await error_response(error)(scope, receive, send)
        else:
            await self.app(scope, receive, send)
