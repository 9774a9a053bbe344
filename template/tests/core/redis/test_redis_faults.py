"""Faults of a running Redis, and clusters."""

from contextlib import ExitStack
from functools import partial

import pytest
from fastapi.testclient import TestClient
from redis import Redis

from app.settings import Settings
from tests.support.clients import Start
from tests.support.faulty_redis import ERRORS, faulty_redis
from tests.support.log_file import LogFile
from tests.support.redis_servers import (
    ALL_SLOTS,
    ask,
    cluster,
    cluster_node,
    serves,
    valkey,
    wait_until,
    with_redis,
)
from tests.support.sample_app import LAMP, WIDGETS
from tests.support.settings import changed

# The health checks of what uses Redis, and how the log begins in an outage.
OUTAGES = {
    "cache": "The cache fails",
    "counters": "Requests are not counted together",
}

# What the log says, what clients a server, and what heals it.
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


@pytest.fixture
def start_with(start: Start, settings: Settings, client: TestClient) -> Start:
    """Starts applications with another server, whose checks run each time."""
    settings = changed(settings, "ops", check_ttl=0)

    def start_with(url: str, **changes: object) -> TestClient:
        started = start(with_redis(settings, url, **changes))
        started.headers = client.headers
        return started

    return start_with


def failing_checks(client: TestClient) -> set[str]:
    """Return the failing checks of ``/health``."""
    checks = client.get("/health").json()["checks"]
    return {name for name, check in checks.items() if not check["ok"]}


@pytest.fixture
def widget(client: TestClient) -> str:
    """The path of a widget."""
    return str(client.post(WIDGETS, json=LAMP).headers["location"])


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_reported_and_bounded_and_the_service_recovers(
    start_with: Start, widget: str, log: LogFile, fault: str
) -> None:
    error, break_, repair = FAULTS[fault]
    with valkey() as (url, operator):
        client = start_with(url, retry_after=0.01)
        assert client.get(widget).status_code == 200
        ask(operator, *break_)
        for _ in range(2):
            assert failing_checks(client) == OUTAGES.keys()
            assert client.get(widget).status_code == 200
        assert client.get("/health/ready").status_code == 200
        lines = log.lines("app.core.redis.outage")
        last = {line["message"].split(": ")[0]: line["message"] for line in lines}
        assert last.keys() == {*OUTAGES.values()}
        assert all(error.lower() in message.lower() for message in last.values())
        ask(operator, *repair)
        wait_until(lambda: not failing_checks(client))


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_response_is_reported_and_bounded(
    start_with: Start, widget: str, log: LogFile, error: str
) -> None:
    with faulty_redis(error) as url:
        client = start_with(url)
        assert failing_checks(client) == OUTAGES.keys()
        assert client.get(widget).status_code == 200
        assert client.get("/health/ready").status_code == 200
        lines = log.lines("app.core.redis.outage")
        found = {line["message"].split(": ")[0]: line for line in lines}
        assert found.keys() == {*OUTAGES.values()}
        for line in found.values():
            assert error.partition(" ")[2] in line["message"]
            is_elsewhere = error.startswith(("ASK", "MOVED"))
            assert ("another node has the keys" in line["message"]) == is_elsewhere


def test_a_fault_is_logged_once_per_interval(start_with: Start, log: LogFile) -> None:
    with valkey() as (url, operator):
        ask(operator, *FAULTS["full"][1])
        client = start_with(url, retry_after=60)
        for _ in range(20):
            assert failing_checks(client) == OUTAGES.keys()
        lines = log.lines("app.core.redis.outage")
        begun = sorted(line["message"].split(": ")[0] for line in lines)
        assert begun == sorted(OUTAGES.values())


def test_connection_to_a_former_primary_is_replaced(start_with: Start) -> None:
    """The name in ``REDIS_URL`` leads to another server after a failover."""
    with valkey() as (url, operator):
        client = start_with(url, retry_after=0.01)
        assert not failing_checks(client)
        ask(operator, *FAULTS["standby"][1])
        before = connections(operator)
        assert len(before) == len(OUTAGES)
        wait_until(lambda: failing_checks(client) == OUTAGES.keys())
        wait_until(lambda: not before & connections(operator))


def connections(operator: Redis) -> set[str]:
    """Return the ids of the connections of the service."""
    own = str(operator.client_id())
    return {client["id"] for client in operator.client_list()} - {own}


def test_a_cluster_of_one_node_suffices(start_with: Start) -> None:
    with cluster() as url:
        client = start_with(url)
        assert client.get("/health/ready").status_code == 200
        assert not failing_checks(client)


def test_cluster_with_keys_on_another_node_is_reported(
    start_with: Start, log: LogFile
) -> None:
    with ExitStack() as stack:
        url, here, _ = stack.enter_context(cluster_node())
        other_url, there, ports = stack.enter_context(cluster_node())
        ask(here, f"CLUSTER MEET 127.0.0.1 {' '.join(ports)}")
        ask(there, ALL_SLOTS)
        for node in (here, there):
            wait_until(partial(serves, node))
        client = start_with(url)
        assert failing_checks(client) == OUTAGES.keys()
        for line in log.lines("app.core.redis.outage"):
            assert "a cluster in which another node has the keys" in line["message"]
        assert not failing_checks(start_with(other_url))
