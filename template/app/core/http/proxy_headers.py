"""The IP address and scheme of a client, from the headers of trusted proxies."""

import logging
from typing import Any

from starlette.types import Scope
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

__all__ = ["TrustedProxyMiddleware"]

logger = logging.getLogger(__name__)

READ = b"x-forwarded-for"
UNREAD = frozenset({b"forwarded", b"x-real-ip", b"x-client-ip", b"cf-connecting-ip"})


class TrustedProxyMiddleware:
    """Read ``X-Forwarded-For`` and ``-Proto``; warn once if only others are sent."""

    def __init__(self, app: Any, trusted_hosts: list[str]) -> None:  # noqa: ANN401
        self._read = ProxyHeadersMiddleware(app, trusted_hosts)
        self._has_warned = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401
        """Serve a request; pass on other events."""
        if not self._has_warned and scope["type"] != "lifespan":
            self._check(scope)
        await self._read(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        names = {name for name, _ in scope["headers"]}
        client = scope.get("client")
        if READ in names or not names & UNREAD:
            return
        if client and client[0] in self._read.trusted_hosts:
            self._has_warned = True
            logger.warning(
                "The proxy %s sends %s but no X-Forwarded-For, so its own IP address"
                " counts for all its clients. Configure it to send X-Forwarded-For:"
                " docs/http.md says how.",
                client[0],
                b", ".join(sorted(names & UNREAD)).decode(),
            )
