"""Clients at work while servers fail, and the outcome of each request."""

import secrets
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic

import httpx2

from tests.production import wait_until
from tests.resilience.service import ITEMS, Resources, Service, new_item

CLIENTS = 8  # as many as impatient services have connections, and again
PAUSE = 0.05  # seconds between two requests of a client
# After a deadline there are two seconds for a last word to the server; the rest is for
# a busy machine.
SLACK = 15
TOO_BAD = {503, 504}
# Threads and connections come with the busiest moment; allocators give little back.
COMES_AND_GOES = {
    "tasks": 2,
    "threads": 40,  # as many as there may be for requests; they stay
    "files": 2 * CLIENTS,
    "connections": 3,
    "memory": 64 * 2**20,
}


@dataclass(frozen=True)
class Sent:
    """A request and its response; ``status`` is None without a response."""

    method: str
    body: dict[str, str]
    key: str
    status: int | None
    seconds: float
    retry_after: str | None


class Load:
    """Creates items and reads them, each client one request after the other."""

    def __init__(self, service: Service) -> None:
        self.sent: list[Sent] = []
        self._service = service
        self._over = threading.Event()
        service.client().close()  # logs in, once for all of them

    def count(self, *statuses: int) -> int:
        """Return the number of responses with these statuses until now."""
        return sum(one.status in statuses for one in self.sent)

    def wait_for(self, *statuses: int) -> None:
        """Wait for some more responses with these statuses."""
        enough = self.count(*statuses) + 2 * CLIENTS
        wait_until(lambda: self.count(*statuses) >= enough)

    def work(self) -> None:
        """Be a client until it is over."""
        with self._service.client() as client:
            while not self._over.wait(PAUSE):
                path = self.create(client, new_item(), secrets.token_hex(8))
                if path:
                    self.ask(client, "GET", path)

    def create(
        self, client: httpx2.Client, body: dict[str, str], key: str
    ) -> str | None:
        """Create an item and return its path, unless it fails."""
        response = self.ask(client, "POST", ITEMS, body, key)
        return (
            response.headers["location"] if response and response.is_success else None
        )

    def ask(
        self,
        client: httpx2.Client,
        method: str,
        path: str,
        body: dict[str, str] | None = None,
        key: str = "",
    ) -> httpx2.Response | None:
        """Send a request and record its outcome."""
        start = monotonic()
        headers = {"Idempotency-Key": key} if key else {}
        response = None
        with suppress(httpx2.TransportError):
            response = client.request(method, path, json=body, headers=headers)
        status = response.status_code if response else None
        after = response.headers.get("retry-after") if response else None
        seconds = monotonic() - start
        self.sent.append(Sent(method, body or {}, key, status, seconds, after))
        return response

    def stop(self) -> None:
        """Stop the clients after their current responses."""
        self._over.set()

    def assert_honest(self) -> None:
        """Assert that each request got a success, 503 or 504 within the deadline."""
        known = {"POST": {201} | TOO_BAD, "GET": {200} | TOO_BAD}
        strange = [one for one in self.sent if one.status not in known[one.method]]
        assert not strange
        deadline = float(self._service.variables["LIMITS_DEADLINE"])
        assert max(one.seconds for one in self.sent) < deadline + SLACK
        assert all(one.retry_after for one in self.sent if one.status == 503)

    def assert_exactly_once(self) -> None:
        """Repeat what failed, and assert that each item exists exactly once."""
        created = [one for one in self.sent if one.method == "POST"]
        with self._service.client() as client:
            for one in created:
                if one.status != 201:
                    assert self.create(client, one.body, one.key), one
        asked_for = Counter(one.body["sku"] for one in created)
        rows = self._service.postgresql.ask("SELECT sku FROM items").splitlines()
        stored = Counter(row for row in rows if row in asked_for)
        assert stored == asked_for
        assert max(asked_for.values()) == 1


@contextmanager
def load(service: Service) -> Iterator[Load]:
    """Keep a service busy until the block ends."""
    load = Load(service)
    with ThreadPoolExecutor(CLIENTS) as threads:
        working = [threads.submit(load.work) for _ in range(CLIENTS)]
        try:
            yield load
        finally:
            load.stop()
    for worker in working:
        worker.result()


@contextmanager
def nothing_kept(service: Service) -> Iterator[None]:
    """Assert that the block takes no resources of a service permanently."""
    with load(service) as usual:
        usual.wait_for(201)
    before = service.resources()
    yield
    with suppress(AssertionError):
        wait_until(lambda: not more(service.resources(), before))
    now = service.resources()
    assert not more(now, before), (before, now)


def more(now: Resources, before: Resources) -> list[str]:
    """Name what is more than it was, apart from what comes and goes."""
    return [
        name
        for name, left in zip(now._fields, now, strict=True)
        if left > getattr(before, name) + COMES_AND_GOES[name]
    ]
