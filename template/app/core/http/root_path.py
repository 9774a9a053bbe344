"""A prefix of all paths, for a proxy that serves other services beside this one."""

from starlette.types import ASGIApp, Receive, Scope, Send


class RootPathMiddleware:
    """Puts ``API_ROOT_PATH`` in front of paths from which a proxy has taken it.

    Then ``path`` begins with ``root_path``, as ASGI demands, whatever the proxy does.
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self.app = app
        self.prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or hand on what is none."""
        if scope["type"] != "lifespan":
            scope["root_path"] = self.prefix
            if not f"{scope['path']}/".startswith(f"{self.prefix}/"):
                scope["path"] = self.prefix + scope["path"]
                scope["raw_path"] = self.prefix.encode() + scope.get("raw_path", b"")
        await self.app(scope, receive, send)
