"""Servers of Redis that fail, and clusters."""

import shlex
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from time import monotonic, sleep

import pytest
from pydantic import SecretStr
from redis import Redis

from app.settings import Settings
from scripts import servers
from tests.support.settings import changed

CLUSTER = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000"]
ALL_SLOTS = "CLUSTER ADDSLOTSRANGE 0 16383"
PATIENCE = 30
TRIES = 5


def ask(redis: Redis, *commands: str) -> None:
    """Run commands."""
    for command in commands:
        redis.execute_command(*shlex.split(command))  # type: ignore[no-untyped-call]


def wait_until(condition: Callable[[], object]) -> None:
    """Wait for a condition, but not for ever."""
    end = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < end
        sleep(0.01)


def with_redis(settings: Settings, url: str, **changes: object) -> Settings:
    """Return settings with another server."""
    return changed(settings, "redis", url=SecretStr(url), **changes)


@contextmanager
def valkey(*options: str) -> Iterator[tuple[str, Redis]]:
    """Run a server, with a connection for its operator that stays open."""
    with servers.valkey(*options) as url:
        with Redis.from_url(url, single_connection_client=True) as operator:
            operator.ping()
            yield url, operator


def free_ports() -> list[str]:
    """Return two ports that are free at this moment."""
    with ExitStack() as stack:
        servers = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            for _ in range(2)
        ]
        return [str(server.getsockname()[1]) for server in servers]


@contextmanager
def cluster_node() -> Iterator[tuple[str, Redis, list[str]]]:
    """Run a node of a cluster; nodes meet by TCP, on the ports that are returned."""
    with ExitStack() as stack:
        for _ in range(TRIES):
            port, bus = ports = free_ports()
            options = ("--port", port, "--cluster-port", bus)
            with suppress(SystemExit):  # another process took a port first
                node = stack.enter_context(valkey(*CLUSTER, *options))
                break
        else:
            pytest.fail("No node starts")
        yield *node, ports


@contextmanager
def cluster() -> Iterator[str]:
    """Run a cluster of one node, and return its URL."""
    with cluster_node() as (url, operator, _):
        ask(operator, ALL_SLOTS)
        wait_until(partial(serves, operator))
        yield url


def serves(node: Redis) -> bool:
    """Tell whether a node takes part in its cluster."""
    return bool(node.cluster("info")["cluster_state"] == "ok")
