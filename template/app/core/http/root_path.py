"""A prefix of all paths, for a proxy that serves several services."""

from starlette.types import ASGIApp, Receive, Scope, Send


class RootPathMiddleware:
    """Restore ``API_ROOT_PATH`` in paths from which a proxy removed it.

    ASGI requires that ``path`` begins with ``root_path``.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self.app = app
        self.prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; pass on other events."""
        if scope["type"] != "lifespan":
            scope["root_path"] = self.prefix
            if not f"{scope['path']}/".startswith(f"{self.prefix}/"):
                scope["path"] = self.prefix + scope["path"]
                scope["raw_path"] = self.prefix.encode() + scope.get("raw_path", b"")
        await self.app(scope, receive, send)
