"""Many do the same, or the opposite, at once: how often each response comes."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from threading import Barrier
from uuid import uuid4

import httpx2
import pytest

from tests.resilience.service import ADMIN, ITEMS, PASSWORD, Service, another, new_item
from tests.resilience.soak import soak

MANY = 8
REFRESH = "/api/v1/auth/refresh"
Call = Callable[[], httpx2.Response]


@pytest.fixture
def service(unlimited: Service) -> Service:
    return unlimited


@pytest.fixture
def clients(service: Service) -> Iterator[list[httpx2.Client]]:
    """The same person, with so many connections."""
    with ExitStack() as stack:
        first = stack.enter_context(service.client())
        others = [
            httpx2.Client(base_url=service.url, headers=first.headers, timeout=60)
            for _ in range(MANY - 1)
        ]
        yield [first, *(stack.enter_context(client) for client in others)]


@pytest.fixture
def rounds(pytestconfig: pytest.Config) -> range:
    """How often the same is tried."""
    return range(50 if pytestconfig.getoption("--edges") else 5)


def at_once(calls: Sequence[Call]) -> list[httpx2.Response]:
    """Make all calls at the same moment."""
    barrier = Barrier(len(calls))

    def make(call: Call) -> httpx2.Response:
        barrier.wait(60)
        return call()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(make, calls))


def statuses(responses: Sequence[httpx2.Response]) -> Counter[int]:
    return Counter(response.status_code for response in responses)


def test_one_of_many_equal_items_is_created(
    clients: list[httpx2.Client], rounds: range
) -> None:
    for _ in rounds:
        item = new_item()
        responses = at_once([partial(one.post, ITEMS, json=item) for one in clients])
        assert statuses(responses) == {201: 1, 409: MANY - 1}


def test_one_key_is_one_item(clients: list[httpx2.Client], rounds: range) -> None:
    for _ in rounds:
        item, key = new_item(), {"Idempotency-Key": uuid4().hex}
        create = [partial(one.post, ITEMS, json=item, headers=key) for one in clients]
        responses = at_once(create)
        assert statuses(responses) == {201: MANY}
        assert len({response.content for response in responses}) == 1


def test_one_of_many_changes_of_what_was_seen_is_made(
    clients: list[httpx2.Client], rounds: range
) -> None:
    for _ in rounds:
        created = clients[0].post(ITEMS, json=new_item())
        path, seen = created.headers["location"], {"If-Match": created.headers["etag"]}
        names = [uuid4().hex for _ in clients]
        responses = at_once(
            [
                partial(client.patch, path, json={"name": name}, headers=seen)
                for client, name in zip(clients, names, strict=True)
            ]
        )
        assert statuses(responses) == {200: 1, 412: MANY - 1}
        (winner,) = (response for response in responses if response.is_success)
        assert clients[0].get(path).content == winner.content


def test_changes_of_different_fields_are_all_made(
    clients: list[httpx2.Client], rounds: range
) -> None:
    """The last one wins, for its own field only."""
    for _ in rounds:
        path = clients[0].post(ITEMS, json=new_item()).headers["location"]
        changes = [
            {field: f"{field} {number}"}
            for number in range(MANY // 2)
            for field in ("name", "description")
        ]
        responses = at_once(
            [
                partial(client.patch, path, json=change)
                for client, change in zip(clients, changes, strict=True)
            ]
        )
        assert statuses(responses) == {200: MANY}
        item = clients[0].get(path).json()
        assert {"name": item["name"]} in changes
        assert {"description": item["description"]} in changes
        assert item in [response.json() for response in responses]


def test_what_is_deleted_while_it_is_read(
    clients: list[httpx2.Client], rounds: range
) -> None:
    """It is there as it was, or it is not; and it goes once."""
    for _ in rounds:
        created = clients[0].post(ITEMS, json=new_item())
        path = created.headers["location"]
        half = MANY // 2
        reads = [partial(client.get, path) for client in clients[:half]]
        deletes = [partial(client.delete, path) for client in clients[half:]]
        responses = at_once([*reads, *deletes])
        assert statuses(responses[half:]) == {204: 1, 404: half - 1}
        for response in responses[:half]:
            assert response.status_code == 404 or response.content == created.content
        assert statuses([client.get(path) for client in clients]) == {404: MANY}


@pytest.mark.variants(auth="jwt")
def test_a_refresh_token_has_one_successor(service: Service, rounds: range) -> None:
    """Within the grace all get the same; without any, one does, and it ends with it."""
    form = {"username": ADMIN, "password": PASSWORD}
    with ExitStack() as stack:
        strict = stack.enter_context(another(service, AUTH_REFRESH_GRACE="0"))
        for instance, counts in ((service, {200: 8}), (strict, {200: 1, 401: 7})):
            client = stack.enter_context(httpx2.Client(base_url=instance.url))
            for _ in rounds:
                tokens = client.post("/api/v1/auth/token", data=form).json()
                body = {"refresh_token": tokens["refresh_token"]}
                responses = at_once([partial(client.post, REFRESH, json=body)] * 8)
                assert statuses(responses) == counts
                (found,) = {
                    response.json()["refresh_token"]
                    for response in responses
                    if response.is_success
                }
                again = client.post(REFRESH, json={"refresh_token": found})
                assert again.status_code == (401 if 401 in counts else 200)


def test_as_many_requests_pass_as_may(service: Service) -> None:
    """Over two instances, if they share what they count."""
    budget = {"RATE_CLIENT_READS": "100 per 1 hour", "REDIS_TIMEOUT": "10"}
    budget["REDIS_PREFIX"] = uuid4().hex
    with ExitStack() as stack:
        number = 2 if service.valkey else 1
        instances = [
            stack.enter_context(another(service, **budget)) for _ in range(number)
        ]
        clients = [
            stack.enter_context(httpx2.Client(base_url=instance.url, timeout=60))
            for instance in instances * (MANY // number)
        ]

        def read(client: httpx2.Client) -> list[httpx2.Response]:
            return [client.get("/nowhere") for _ in range(20)]

        with ThreadPoolExecutor(MANY) as threads:
            responses = [one for some in threads.map(read, clients) for one in some]
    assert statuses(responses) == {404: 100, 429: 20 * MANY - 100}


def test_nothing_is_lost_while_servers_fail(service: Service) -> None:
    """What ``uv run poe soak`` does for minutes."""
    service.postgresql.ask("DELETE FROM items")
    figures = soak(service, seconds=0, calm=0.3, fault=0.2)
    assert figures.is_good, "\n".join(figures.lines())
