"""Faults of a running Redis, and clusters."""

import asyncio
import shlex
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from time import monotonic, sleep

import pytest
from fastapi.testclient import TestClient
from limits import parse
from pydantic import SecretStr
from redis import Redis
from redis.asyncio.connection import AbstractConnection

from app.core.rate_limits import RateLimiter, RateLimitPolicy
from app.settings import Settings
from scripts import servers
from tests.support.clients import Start
from tests.support.faulty_redis import ERRORS, faulty_redis
from tests.support.log_file import LogFile
from tests.support.settings import changed

CLUSTER = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000"]
ALL_SLOTS = "CLUSTER ADDSLOTSRANGE 0 16383"
NOWHERE = "/nowhere"
PATIENCE = 30
TRIES = 5

# What the log says, what hurts a server, and what heals it.
FAULTS = {
    "full": (
        "OutOfMemoryError",
        ["CONFIG SET maxmemory 1"],
        ["CONFIG SET maxmemory 0"],
    ),
    "standby": (
        "ReadOnlyError",
        ["REPLICAOF 127.0.0.1 1"],
        ["REPLICAOF NO ONE"],
    ),
    "password": (
        "Authen",
        ["CONFIG SET requirepass s3cret", "CLIENT KILL TYPE NORMAL"],
        ['CONFIG SET requirepass ""'],
    ),
    "rights": (
        "NoPermissionError",
        ["ACL SETUSER default -set -evalsha"],
        ["ACL SETUSER default +@all"],
    ),
}


def ask(redis: Redis, *commands: str) -> None:
    """Run commands."""
    for command in commands:
        redis.execute_command(*shlex.split(command))  # type: ignore[no-untyped-call]


def wait_until(condition: Callable[[], object]) -> None:
    end = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < end
        sleep(0.01)


def serves(node: Redis) -> bool:
    """Tell whether a node takes part in its cluster."""
    return bool(node.cluster("info")["cluster_state"] == "ok")


@contextmanager
def valkey(*options: str) -> Iterator[tuple[str, Redis]]:
    """Run a server, with a connection for its operator that stays open."""
    with servers.valkey(*options) as url:
        with Redis.from_url(url, single_connection_client=True) as operator:
            operator.ping()
            yield url, operator


def closed(settings: Settings, url: str, **changes: object) -> Settings:
    """Return settings with ``RATE_FAIL_CLOSED``."""
    settings = changed(settings, "redis", url=SecretStr(url), **changes)
    settings = changed(settings, "ops", check_ttl=0)
    return changed(settings, "rate", fail_closed=True, client_reads=parse("9 per day"))


def failing_checks(client: TestClient) -> set[str]:
    """Return the failing checks of ``/health``."""
    checks = client.get("/health").json()["checks"]
    return {name for name, check in checks.items() if not check["ok"]}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_reported_and_bounded_and_the_service_recovers(
    start: Start, settings: Settings, log: LogFile, fault: str
) -> None:
    error, break_, repair = FAULTS[fault]
    with valkey() as (url, operator):
        client = start(closed(settings, url, retry_after=0.01))
        assert client.get(NOWHERE).status_code == 404
        ask(operator, *break_)
        for _ in range(2):
            response = client.get(NOWHERE)
            assert response.status_code == 503
            assert response.headers["retry-after"] == "1"
        assert client.get("/health/ready").status_code == 503
        assert client.get("/health/live").status_code == 200
        assert failing_checks(client) == {"cache", "counters"}
        message = log.lines("app.core.redis.outage")[-1]["message"]
        assert error.lower() in message.lower()
        ask(operator, *repair)
        wait_until(lambda: client.get(NOWHERE).status_code == 404)
        wait_until(lambda: client.get("/health/ready").status_code == 200)


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_response_is_reported_and_bounded(
    start: Start, settings: Settings, log: LogFile, error: str
) -> None:
    with faulty_redis(error) as url:
        client = start(closed(settings, url, retry_after=0.01))
        for _ in range(2):
            assert client.get(NOWHERE).status_code == 503
        assert client.get("/health/ready").status_code == 503
        assert failing_checks(client) == {"cache", "counters"}
        lines = log.lines("app.core.redis.outage")
        found = {line["message"].split(": ")[0]: line for line in lines}
        assert found.keys() == {"Requests are not counted together", "The cache fails"}
        for line in found.values():
            assert error.partition(" ")[2] in line["message"]
            is_elsewhere = error.startswith(("ASK", "MOVED"))
            assert ("another node has the keys" in line["message"]) == is_elsewhere
        client = start(changed(closed(settings, url), "rate", fail_closed=False))
        assert client.get(NOWHERE).status_code == 404
        assert client.get("/health/ready").status_code == 200


def test_a_connection_that_closes_while_it_is_set_up_is_an_outage(
    start: Start, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis-py does not wrap what uvloop raises for a connection by TCP."""

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the handler is closed")

    with valkey() as (url, _):
        client = start(closed(settings, url, retry_after=0.01))
        monkeypatch.setattr(AbstractConnection, "send_packed_command", fail)
        assert client.get(NOWHERE).status_code == 503
        monkeypatch.undo()
        wait_until(lambda: client.get(NOWHERE).status_code == 404)


def test_a_fault_is_logged_once_per_interval(
    start: Start, settings: Settings, log: LogFile
) -> None:
    with valkey() as (url, operator):
        ask(operator, *FAULTS["full"][1])
        client = start(closed(settings, url, retry_after=60))
        for _ in range(20):
            assert client.get(NOWHERE).status_code == 503
        line = log.line("app.core.redis.outage")
        assert line["message"].startswith("Requests are not counted together: ")


def test_service_works_without_counters_unless_fail_closed(
    start: Start, settings: Settings
) -> None:
    with valkey() as (url, operator):
        client = start(changed(closed(settings, url), "rate", fail_closed=False))
        ask(operator, *FAULTS["standby"][1])
        assert client.get(NOWHERE).status_code == 404
        assert client.get("/health/ready").status_code == 200
        assert failing_checks(client) == {"cache", "counters"}


def test_connection_to_a_former_primary_is_replaced(
    start: Start, settings: Settings
) -> None:
    """The name in ``REDIS_URL`` leads to another server after a failover."""
    with valkey() as (url, operator):
        client = start(closed(settings, url, retry_after=0.01))
        assert client.get(NOWHERE).status_code == 404
        ask(operator, *FAULTS["standby"][1])
        before = connections(operator)
        assert client.get(NOWHERE).status_code == 503
        wait_until(lambda: not before & connections(operator))


def connections(operator: Redis) -> set[str]:
    """Return the ids of the connections that run scripts."""
    clients = operator.client_list()
    return {client["id"] for client in clients if client["cmd"].startswith("eval")}


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


def test_a_cluster_of_one_node_counts_and_caches(
    start: Start, settings: Settings
) -> None:
    with cluster_node() as (url, operator, _):
        ask(operator, ALL_SLOTS)
        wait_until(partial(serves, operator))
        clients = [start(closed(settings, url)) for _ in range(2)]
        for number in range(9):
            assert clients[number % 2].get(NOWHERE).status_code == 404
        for client in clients:
            assert client.get(NOWHERE).status_code == 429
            assert client.get("/health/ready").status_code == 200
            assert not failing_checks(client)


def test_cluster_of_one_node_takes_requests_back(settings: Settings) -> None:
    policy = RateLimitPolicy("once", parse("1 per 1 month"))

    async def count(url: str) -> None:
        limiter = RateLimiter(closed(settings, url).redis)
        for _ in range(2):
            hit = await limiter.hit(policy, "a client", fail_closed=True)
            assert hit.allowed
            await limiter.take_back(policy, "a client")
        await limiter.close()

    with cluster_node() as (url, operator, _):
        ask(operator, ALL_SLOTS)
        wait_until(partial(serves, operator))
        asyncio.run(count(url))


def test_cluster_with_keys_on_another_node_is_reported(
    start: Start, settings: Settings, log: LogFile
) -> None:
    with ExitStack() as stack:
        url, here, _ = stack.enter_context(cluster_node())
        other_url, there, ports = stack.enter_context(cluster_node())
        ask(here, f"CLUSTER MEET 127.0.0.1 {' '.join(ports)}")
        ask(there, ALL_SLOTS)
        for node in (here, there):
            wait_until(partial(serves, node))
        client = start(closed(settings, url))
        assert client.get(NOWHERE).status_code == 503
        assert client.get("/health/ready").status_code == 503
        (line, *_) = log.lines("app.core.redis.outage")
        assert "a cluster in which another node has the keys" in line["message"]
        assert start(closed(settings, other_url)).get(NOWHERE).status_code == 404
