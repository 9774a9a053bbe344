"""Validation of the ``Host`` header."""

import re
from collections.abc import Collection
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.errors import problem_response
from app.core.request import PROBE_PATHS, HttpMiddleware, local_path

HOST = re.compile(r"([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")


class TrustedHostMiddleware(HttpMiddleware):
    """Reject requests whose host is not allowed, missing or ambiguous."""

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        super().__init__(app)
        self.hosts = frozenset(allowed)
        # "*" leaves an empty suffix, which every host has.
        self.ends = tuple(host[1:] for host in allowed if host.startswith("*"))

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if local_path(scope) in PROBE_PATHS or self._is_allowed(_host(scope)):
            await self.app(scope, receive, send)
        else:
            detail = "The service does not serve this host."
            response = problem_response(HTTPStatus.BAD_REQUEST, detail=detail)
            await response(scope, receive, send)

    def _is_allowed(self, host: str) -> bool:
        return host in self.hosts or host.endswith(self.ends)


def _host(scope: Scope) -> str:
    """Return the host of a request; empty unless there is exactly one."""
    given = [value for name, value in scope["headers"] if name == b"host"]
    match = HOST.fullmatch(given[0].decode("latin-1").lower()) if given else None
    return match[1] if match and len(given) == 1 else ""
