"""Base class of middleware."""

from collections.abc import Awaitable

from starlette.types import ASGIApp, Receive, Scope, Send

# Methods that only read (RFC 9110, section 9.2.1).
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Paths of orchestrators and monitoring. They may use any host name, and must be served
# even under load.
PROBE_PATHS = frozenset({"/health/live", "/health/ready", "/metrics"})


def local_path(scope: Scope) -> str:
    """Return the path of a request without ``API_ROOT_PATH``."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


class HttpMiddleware:
    """Pure ASGI middleware for HTTP requests; passes on other events."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve a request; pass on other events."""
        serve = self.serve if scope["type"] == "http" else self.app
        return serve(scope, receive, send)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        raise NotImplementedError
