"""Limits of open connections, in total and per client."""

import logging
import sys
from collections import Counter
from contextlib import suppress
from ipaddress import ip_address
from time import monotonic
from typing import Literal, TypeAlias

from app.core.metrics import Metrics
from app.core.request import Networks, network_of
from app.core.server.settings import ServerSettings

if sys.platform != "win32":
    import resource

LOG_EVERY = 60  # seconds, for each reason

Reason: TypeAlias = Literal[
    "client_limit", "limit", "invalid", "too_long", "pipelined", "no_request", "unread"
]
LEVELS: dict[Reason, int] = {
    "client_limit": logging.WARNING,  # SERVER_MAX_CLIENT_CONNECTIONS
    "limit": logging.WARNING,  # SERVER_MAX_CONNECTIONS, or the file descriptors
    "invalid": logging.INFO,  # not HTTP
    "too_long": logging.INFO,  # a head
    "pipelined": logging.INFO,  # too many requests ahead of their responses
    "no_request": logging.INFO,  # in time
    "unread": logging.INFO,  # a response, in time
}

logger = logging.getLogger(__name__)


def raise_descriptor_limit(connections: int) -> None:
    """Raise the limit of open files for so many connections, if the system allows.

    Each connection is an open file, and the usual limit is 1024. Above it, the server
    silently accepts no connection.
    """
    if sys.platform == "win32":
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections * 4 // 3 + 1
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class OpenConnections:
    """Counts connections, in total and per client, and those that end early."""

    def __init__(
        self, settings: ServerSettings, proxies: Networks, metrics: Metrics
    ) -> None:
        self._limit = settings.max_connections
        if sys.platform != "win32":
            descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
            if descriptors != resource.RLIM_INFINITY:
                # A quarter is reserved for databases, other services, logs and uploads.
                self._limit = min(self._limit, descriptors * 3 // 4)
        self._client_limit = settings.max_client_connections
        self._proxies = proxies
        self._clients: Counter[str] = Counter()
        self._number = 0
        self._unlogged: Counter[str] = Counter()
        self._logged: dict[str, float] = {}
        self._ended = {
            reason: metrics.connections_ended.labels(reason) for reason in LEVELS
        }
        metrics.sample_with(lambda: metrics.connections.set(self._number))

    def add(self, host: str | None) -> bool:
        """Count a connection; return False if a limit is reached."""
        client = self._client(host)
        if self._number >= self._limit:
            self.count_end("limit", host)
            return False
        if client and self._clients[client] >= self._client_limit:
            self.count_end("client_limit", host)
            return False
        self._number += 1
        if client:
            self._clients[client] += 1
        return True

    def remove(self, host: str | None) -> None:
        """Remove a connection from the count."""
        self._number -= 1
        if client := self._client(host):
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]

    def count_end(self, reason: Reason, host: str | None) -> None:
        """Count a connection that was refused or ended early; log some of them."""
        self._ended[reason].inc()
        self._unlogged[reason] += 1
        now = monotonic()
        if now - self._logged.get(reason, -LOG_EVERY) < LOG_EVERY:
            return
        self._logged[reason] = now
        number = self._unlogged.pop(reason)
        fields = {"reason": reason, "connections": number, "client": host}
        message = "Connections were refused or ended early: %s"
        logger.log(LEVELS[reason], message, reason, extra=fields)

    def _client(self, host: str | None) -> str:
        """Return the client a connection counts for; empty for a trusted proxy."""
        if host is None:
            return ""  # of a Unix socket
        address = ip_address(host)
        address = getattr(address, "ipv4_mapped", None) or address
        if any(address in network for network in self._proxies):
            return ""
        return network_of(host)
