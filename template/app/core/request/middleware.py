"""What all middleware has in common."""

from collections.abc import Awaitable

from starlette.types import ASGIApp, Receive, Scope, Send

# Asked by those who watch the service: by an address that nobody knows beforehand, and
# also while it is busy.
# Methods that only read (RFC 9110, section 9.2.1).
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PROBE_PATHS = frozenset({"/health/live", "/health/ready", "/metrics"})


def local_path(scope: Scope) -> str:
    """Return the path of a request without the prefix that a proxy took off."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


class HttpMiddleware:
    """Pure ASGI around HTTP requests; what else there is passes by."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve a request, or hand on what is none."""
        serve = self.serve if scope["type"] == "http" else self.app
        return serve(scope, receive, send)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        raise NotImplementedError
