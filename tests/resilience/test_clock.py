"""The clock of a machine is set while its service is running.

Only the clock of one process moves: PostgreSQL and Valkey have their own.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from uuid import uuid4

import httpx2
import pytest

from tests.production import wait_until
from tests.resilience.load import TOO_BAD, load, nothing_kept
from tests.resilience.service import ADMIN, ITEMS, PASSWORD, Service, another, new_item

HOUR, DAY = 3600, 24 * 3600
JUMPS = [HOUR, DAY, -HOUR]  # from the one to the next
WINDOW = 900  # seconds
LIMIT = 3
TOKEN = "/api/v1/auth/token"  # noqa: S105 - a path


@pytest.fixture(scope="module")
def moved(impatient: Service, clocks: str) -> Iterator[Service]:
    """One more instance, whose clock is its own."""
    with another(impatient, PYTHONPATH=clocks, AUTH_ACCESS_TTL="900") as service:
        yield service


@pytest.fixture
def service(moved: Service) -> Iterator[Service]:
    """The same; each test leaves it with the right clock."""
    yield moved
    set_clock(moved, 0)


def set_clock(service: Service, ahead: int) -> None:
    """Let a service believe that it is so many seconds later."""
    response = httpx2.get(f"{service.url}/clock", params={"ahead": ahead})
    assert response.json() == pytest.approx(ahead, abs=60)


def test_under_load(service: Service) -> None:
    """Also while requests wait for connections and locks, for a limited time."""
    service.use_api_key()
    with nothing_kept(service):
        with load(service) as busy:
            for ahead in JUMPS:
                set_clock(service, ahead)
                busy.wait_for(201)
                assert service.is_ready()
            with service.postgresql.locked("LOCK TABLE items"):
                busy.wait_for(*TOO_BAD)
                set_clock(service, -HOUR)
                busy.wait_for(*TOO_BAD)
                assert service.is_alive()
            busy.wait_for(201)
            wait_until(service.is_ready)
        busy.assert_honest()
        busy.assert_exactly_once()


def test_while_servers_are_away(service: Service) -> None:
    """Checks go on, and what was found to be away is asked again."""
    servers = [service.postgresql, *filter(None, [service.valkey])]
    service.use_api_key()
    with service.client() as client:
        path = client.post(ITEMS, json=new_item()).headers["location"]
        for ahead in (HOUR, -HOUR):
            for server in servers:
                server.stop()
            wait_until(lambda: not service.is_ready())
            set_clock(service, ahead)
            assert client.patch(path, json={"name": "Lamp"}).status_code == 503
            assert not service.is_ready()
            assert service.is_alive()
            for server in servers:
                server.start()
            wait_until(lambda: service.report() == "ok")
            for name in ("Torch", "Candle"):
                assert client.patch(path, json={"name": name}).status_code == 200
                assert client.get(path).json()["name"] == name


def test_a_key_is_one_item(service: Service) -> None:
    """The database says when a key has expired."""
    item, key = new_item(), {"Idempotency-Key": uuid4().hex}
    service.use_api_key()
    with service.client() as client:
        created = client.post(ITEMS, json=item, headers=key)
        for ahead in JUMPS:
            set_clock(service, ahead)
            again = client.post(ITEMS, json=item, headers=key)
            assert (again.status_code, again.content) == (201, created.content)


def test_each_item_is_on_one_page(service: Service) -> None:
    """New ones are sorted in by what the clock says, and move no others."""
    service.use_api_key()
    for ahead in JUMPS:
        service.postgresql.ask("DELETE FROM items")
        with service.client() as client:
            old = {client.post(ITEMS, json=new_item()).json()["id"] for _ in range(5)}
            page = client.get("/api/v2/items", params={"limit": 2}).json()
            seen = [item["id"] for item in page["items"]]
            set_clock(service, ahead)
            new = {client.post(ITEMS, json=new_item()).json()["id"] for _ in range(5)}
            while cursor := page["next_cursor"]:
                query = {"limit": 2, "cursor": cursor}
                page = client.get("/api/v2/items", params=query).json()
                seen += [item["id"] for item in page["items"]]
            assert len(seen) == len({*seen})
            assert old <= {*seen}
            page = client.get(ITEMS, params={"limit": 100}).json()
            assert {item["id"] for item in page["items"]} == old | new


def test_limits(impatient: Service, clocks: str) -> None:
    """Clients never wait longer than the window of the limit."""
    with limited(impatient, clocks, "RATE_CLIENT_WRITES") as service:
        ask_too_often(service, lambda client: client.post("/nowhere"), 404)


@pytest.mark.variants(auth="jwt")
def test_attempts(impatient: Service, clocks: str) -> None:
    form = {"username": f"{uuid4().hex}@example.com", "password": PASSWORD}
    with limited(impatient, clocks, "AUTH_ATTEMPTS_PER_ACCOUNT") as service:
        ask_too_often(service, lambda client: client.post(TOKEN, data=form), 401)


def limited(
    service: Service, clocks: str, setting: str
) -> AbstractContextManager[Service]:
    """Return one more instance, with an unused limit."""
    limit = {setting: f"{LIMIT} per {WINDOW // 60} minute"}
    prefix = {"REDIS_PREFIX": uuid4().hex}
    return another(service, PYTHONPATH=clocks, **prefix, **limit)


def ask_too_often(
    service: Service, ask: Callable[[httpx2.Client], httpx2.Response], status: int
) -> None:
    """Use up a limit, and see that it is kept however the clock moves."""
    with httpx2.Client(base_url=service.url) as client:
        for ahead in (0, *JUMPS):
            set_clock(service, ahead)
            for _ in range(LIMIT):
                response = ask(client)
                assert response.status_code == status or may_come_back(response)
            assert may_come_back(ask(client))


def may_come_back(response: httpx2.Response) -> bool:
    """Tell whether a client must wait, for a valid time."""
    wait = int(response.headers.get("retry-after", 0))
    return response.status_code == 429 and 0 < wait <= WINDOW


@pytest.mark.variants(auth="jwt")
def test_sessions(service: Service) -> None:
    """They go on: if a token cannot be right by this clock, the next one is."""
    form = {"username": ADMIN, "password": PASSWORD}
    with httpx2.Client(base_url=service.url) as client:
        first = tokens = client.post(TOKEN, data=form).json()
        now = 0
        for ahead in (HOUR, 0, DAY, 0, -HOUR, 0):
            set_clock(service, ahead)
            # One that was read before the clock went back is known to be right.
            assert sees(client, tokens) == 401 or ahead < now
            tokens = refresh(client, tokens).json()
            assert sees(client, tokens) == 200
            now = ahead
        # A stolen one is known as such, and ends the session.
        assert refresh(client, first).status_code == 401
        assert refresh(client, tokens).status_code == 401
        tokens = client.post(TOKEN, data=form).json()
        assert sees(client, tokens) == 200


@pytest.mark.variants(auth="jwt")
def test_a_token_of_an_instance_whose_clock_is_ahead(service: Service) -> None:
    """It is refused; refreshed where the clock is right, the session goes on."""
    form = {"username": ADMIN, "password": PASSWORD}
    with httpx2.Client(base_url=service.url) as client:
        set_clock(service, HOUR)
        tokens = client.post(TOKEN, data=form).json()
        set_clock(service, 0)
        assert sees(client, tokens) == 401
        assert sees(client, refresh(client, tokens).json()) == 200


def refresh(client: httpx2.Client, tokens: dict[str, str]) -> httpx2.Response:
    """Go on with a session."""
    body = {"refresh_token": tokens["refresh_token"]}
    return client.post("/api/v1/auth/refresh", json=body)


def sees(client: httpx2.Client, tokens: dict[str, str]) -> int:
    """Ask with an access token, and return the status of the response."""
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    return client.get(ITEMS, headers=headers).status_code
