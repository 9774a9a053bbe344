"""Rolling deploys and rollbacks: two releases serve from one database, under load."""

import random
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest

from tests.conftest import run
from tests.production import PATIENCE, wait_until
from tests.resilience.conftest import served
from tests.resilience.releases import RELEASES, make_release
from tests.resilience.service import BUDGETS, ITEMS, PASSWORD, Service, new_item

CLIENTS = 2
PAUSE = 1  # seconds of a client between two rounds: starts need the CPU
ROUNDS = 4  # of all clients until something else happens
SETTINGS = {
    **BUDGETS,
    "APP_DRAIN_TIME": "5",
    "AUTH_ACCESS_TTL": "3600",
    "REDIS_TIMEOUT": "10",  # a busy machine is no outage
}
# Forward, back and forward again; the last one ends with a contraction.
DEPLOYS = (1, 2, 1, 2, 3)
WITH_AUDITORS = 2
DEFAULTS = {"condition": "new", "shelf": None, "price": 0}
FALLBACK = "used"
AUDITOR = "eve@example.com"
COPY_ADMIN = """
    INSERT INTO users (id, email, password_hash, role, is_active, email_verified_at,
        session_epoch)
    SELECT gen_random_uuid(), 'eve@example.com', password_hash, 'user', is_active,
        email_verified_at, session_epoch
    FROM users RETURNING id
"""
_chance = random.Random()  # noqa: S311 - nothing to guess


class Instance(NamedTuple):
    """A running release; number 0 is the rendered project."""

    number: int
    service: Service

    def url(self, path: str) -> str:
        """Return the URL of a path."""
        return self.service.url + path

    @property
    def fields(self) -> list[str]:
        """The fields of items that this release knows."""
        return ["sku", "name", *RELEASES[self.number].field_names]

    def values(self) -> dict[str, Any]:
        """Return new values for some of these fields."""
        number = str(_chance.randrange(1000))
        values = {
            "name": number,
            "condition": _chance.choice(RELEASES[self.number].conditions or ("",)),
            "shelf": number,
            "price": int(number),
        }
        known = [name for name in values if name in self.fields]
        chosen = _chance.sample(known, _chance.randint(1, len(known)))
        return {name: values[name] for name in chosen}

    def view(self, item: dict[str, Any]) -> dict[str, Any]:
        """Return what this release shows of an item."""
        view = {name: item[name] for name in self.fields}
        if view.get("condition") not in {None, *RELEASES[self.number].conditions}:
            view["condition"] = FALLBACK
        return view


class Load:
    """Clients that write to one instance, and read from all that are in rotation."""

    def __init__(self, first: Service) -> None:
        self.rotation = [Instance(0, first)]
        self.failures: list[str] = []
        self.items: dict[str, dict[str, Any]] = {}
        self._rounds = 0
        self._over = threading.Event()
        with first.client() as client:
            self._headers = client.headers  # a session is one of all releases

    def work(self) -> None:
        """Be a client until it is over."""
        with self.client() as client:
            while not self._over.wait(PAUSE):
                path = self._create(client)
                self.read(client, path)  # a cache has a copy now
                self._update(client, path)
                self.read(client, path)
                self.ask(client, _chance.choice(self.rotation), f"GET {ITEMS}")
                self._rounds += 1

    def client(self) -> httpx2.Client:
        """Return a client that may do everything with items."""
        return httpx2.Client(headers=self._headers, timeout=PATIENCE)

    def stop(self) -> None:
        """Let the clients go when they have their responses."""
        self._over.set()

    def wait(self) -> None:
        """Return after some more rounds, or after a failure."""
        enough = self._rounds + ROUNDS
        wait_until(lambda: self._rounds >= enough or bool(self.failures))
        assert not self.failures

    def ask(
        self,
        client: httpx2.Client,
        instance: Instance,
        request: str,
        **content: Any,  # noqa: ANN401
    ) -> httpx2.Response:
        """Send a request; any failure ends the client."""
        method, path = request.split()
        try:
            response = client.request(method, instance.url(path), **content)
            response.raise_for_status()
        except httpx2.HTTPError as error:
            self.failures.append(f"{instance.number}: {request} {content}: {error!r}")
            raise
        return response

    def read(self, client: httpx2.Client, path: str) -> None:
        """See that each instance shows what was written."""
        for instance in self.rotation:
            item = self.ask(client, instance, f"GET {path}").json()
            view = instance.view(self.items[path])
            if view.items() - item.items():
                self.failures.append(f"{instance.number}: {item}, not {view}")

    def _create(self, client: httpx2.Client) -> str:
        """Create an item; the retry may come to another release."""
        item = new_item()
        content = {"json": item, "headers": {"Idempotency-Key": item["sku"]}}
        paths = set()
        for _ in range(2):
            instance = _chance.choice(self.rotation)
            created = self.ask(client, instance, f"POST {ITEMS}", **content)
            paths.add(created.headers["location"])
        (path,) = paths
        self.items[path] = DEFAULTS | item
        return str(path)

    def _update(self, client: httpx2.Client, path: str) -> None:
        instance = _chance.choice(self.rotation)
        values = instance.values()
        self.ask(client, instance, f"PATCH {path}", json=values)
        self.items[path] |= values


class Auditor:
    """A user with a role, and an API key with a scope, that one of two releases knows.

    Their password is the administrator's.
    """

    def __init__(self, load: Load) -> None:
        self._load = load
        self._key = ""
        first = load.rotation[0].service
        self._id = first.postgresql.ask(COPY_ADMIN)

    def check(self) -> None:
        """See that each instance knows the user, with more rights or fewer."""
        with self._load.client() as admin:
            if self._load.rotation[-1].number == WITH_AUDITORS and not self._key:
                self._appoint(admin)
            for instance in self._load.rotation:
                users = self._load.ask(admin, instance, "GET /api/v1/users").json()
                roles = {user["id"]: user["role"] for user in users["items"]}
                is_known = instance.number >= WITH_AUDITORS and self._key
                assert roles[self._id] == ("auditor" if is_known else "user")
                self._use_items(instance)

    def _appoint(self, admin: httpx2.Client) -> None:
        """Make the user an auditor, who makes a key for audits."""
        newest = self._load.rotation[-1]
        role = {"role": "auditor"}
        self._load.ask(admin, newest, f"PATCH /api/v1/users/{self._id}", json=role)
        body = {"name": "Audits", "scopes": ["items:read", "items:audit"]}
        with self._log_in(newest) as user:
            key = self._load.ask(user, newest, "POST /api/v1/api-keys", json=body)
        self._key = key.json()["key"]

    def _use_items(self, instance: Instance) -> None:
        with self._log_in(instance) as user:
            self._load.ask(user, instance, f"POST {ITEMS}", json=new_item())
            if self._key:
                del user.headers["Authorization"]
                user.headers["X-API-Key"] = self._key
                self._load.ask(user, instance, f"GET {ITEMS}")

    @contextmanager
    def _log_in(self, instance: Instance) -> Iterator[httpx2.Client]:
        form = {"username": AUDITOR, "password": PASSWORD}
        path = "/api/v1/auth/token"
        with httpx2.Client(timeout=PATIENCE) as client:
            tokens = self._load.ask(client, instance, f"POST {path}", data=form)
            token = tokens.json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            yield client


class Deploys:
    """One release after the other behind a load balancer."""

    def __init__(self, load: Load, releases: Path, stack: ExitStack) -> None:
        self._load = load
        self._releases = releases
        self._stack = stack
        self._threads = stack.enter_context(ThreadPoolExecutor())
        self._stopped: Future[int] | None = None

    @contextmanager
    def deploy(self, number: int) -> Iterator[None]:
        """Replace the release that runs by another one; in the block, both serve."""
        self.finish()
        (old,) = self._load.rotation
        new = Instance(number, self._service(number, old.service))
        if number > old.number:
            self._migrate(new.service)
        self._stack.enter_context(new.service)
        wait_until(new.service.is_ready)
        self._load.rotation = [old, new]
        self._load.wait()
        assert old.service.is_ready()  # or load balancers would leave out all that run
        yield
        self._stopped = self._threads.submit(old.service.stop)
        wait_until(lambda: not old.service.is_ready())
        self._load.rotation = [new]
        self._load.wait()

    def finish(self) -> None:
        """See that the last release that was stopped has ended well."""
        assert not self._stopped or self._stopped.result() == 0

    def _service(self, number: int, neighbour: Service) -> Service:
        folder = self._releases / str(number)
        service = Service(folder, neighbour.postgresql, neighbour.valkey)
        own = {"PYTHONPATH": str(folder), "SERVER_PORT": str(service.port)}
        service.variables = {**neighbour.variables, **own}
        return service

    def _migrate(self, service: Service) -> None:
        python = service.project / ".venv" / "bin" / "python"
        command = (python, "-m", "alembic", "upgrade", "head")
        run(*command, cwd=service.project, **service.variables)


@pytest.fixture
def releases(project: Path) -> Iterator[Path]:
    """The releases of a project, in folders with their numbers."""
    with tempfile.TemporaryDirectory(prefix="copier-fastapi-") as name:
        folder = Path(name)
        for number in set(DEPLOYS):
            make_release(project, number, folder / str(number))
        yield folder


def test_rolling_deploys_lose_nothing(
    project: Path, initial: Path, releases: Path
) -> None:
    """Forward and back: each request succeeds, and each release reads all rows."""
    with ExitStack() as stack:
        first = stack.enter_context(served(project, initial, **SETTINGS))
        load = Load(first)
        auditor = Auditor(load) if first.has_accounts else None
        deploys = Deploys(load, releases, stack)
        threads = stack.enter_context(ThreadPoolExecutor(CLIENTS))
        stack.callback(load.stop)
        workers = [threads.submit(load.work) for _ in range(CLIENTS)]
        for number in DEPLOYS:
            with deploys.deploy(number):
                if auditor:
                    auditor.check()
        load.stop()
        for worker in workers:
            worker.result()
        deploys.finish()
        with load.client() as client:
            for path in load.items:
                load.read(client, path)
        assert not load.failures
