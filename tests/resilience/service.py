"""The service of a project as in production, with servers of its own."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

import httpx2
import psutil

from tests.conftest import run
from tests.production import (
    CLIENTS_OF_POSTGRESQL,
    PATIENCE,
    PLENTY,
    PRODUCTION,
    UNLIMITED,
    free_port,
    wait_until,
)
from tests.resilience.servers import PostgreSQL, Server, Valkey

ITEMS = "/api/v1/items"
ADMIN, PASSWORD = "ada@example.com", "correct horse battery staple"
OPS_KEY = secrets.token_hex(32)
INSIDE = Path(__file__).with_name("inside.py")
# For clients that all are the same user.
BUDGETS = {
    **UNLIMITED,
    "AUTH_ATTEMPTS_PER_ACCOUNT": "24000 per 1 day",
    "AUTH_ATTEMPTS_PER_CLIENT": PLENTY,
    "AUTH_MAX_SESSIONS": "10000",
}
# For services whose faults are to be over soon; limits of rates are no fault.
IMPATIENT = {
    **UNLIMITED,
    "LIMITS_DEADLINE": "5",
    "AUTH_ACCESS_TTL": "3600",
    "DATABASE_CONNECT_TIMEOUT": "2",
    "DATABASE_LOCK_TIMEOUT": "1",
    "DATABASE_POOL_OVERFLOW": "2",
    "DATABASE_POOL_SIZE": "2",
    "DATABASE_POOL_TIMEOUT": "1",
    "DATABASE_STATEMENT_TIMEOUT": "2",
    "OPS_CHECK_TIMEOUT": "1",
    "OPS_CHECK_TTL": "0.1",
    "OUTBOUND_TOTAL_TIMEOUT": "1",
    "REDIS_RETRY_AFTER": "0.2",
}
_numbers = count()


class Resources(NamedTuple):
    """What a service holds; memory is in bytes."""

    tasks: int
    threads: int
    files: int
    connections: int
    memory: int

    def __str__(self) -> str:
        """Write it for people."""
        return (
            f"{self.memory // 2**20} MiB, {self.files} files, {self.threads} threads,"
            f" {self.connections} connections to PostgreSQL"
        )


class Service(Server):
    """``python -m app.serve``, with PostgreSQL, and with Valkey if the project has it.

    ``variables`` may be changed before it is started again.
    """

    def __init__(
        self, project: Path, postgresql: PostgreSQL, valkey: Valkey | None = None
    ) -> None:
        port = free_port()
        python = project / ".venv" / "bin" / "python"
        log = postgresql.log.with_name(f"service-{port}.log")
        super().__init__([python, "-P", INSIDE], port=port, log=log)
        self._logged_in: dict[str, str] = {}
        self.postgresql = postgresql
        self.valkey = valkey
        self.project = project
        self.folder = project
        self.url = f"http://127.0.0.1:{port}"
        # Made once, as each would read all certificates of the system.
        self._stranger = httpx2.Client(base_url=self.url, timeout=PATIENCE)
        self.variables |= {
            **PRODUCTION,
            "APP_DRAIN_TIME": "0",
            "DATABASE_URL": postgresql.url,
            "OPS_KEY": OPS_KEY,
            "PYTHONPATH": str(project),
            "SERVER_HOST": "127.0.0.1",
            "SERVER_PORT": str(port),
        }
        if valkey:
            self.variables["REDIS_URL"] = valkey.url

    def migrate(self) -> None:
        """Bring the database to the newest revision, with an account if there are."""
        python = self.project / ".venv" / "bin" / "python"
        commands = [f"{python} -m alembic upgrade head"]
        if self.has_accounts:
            create = f"{python} -m scripts.create_admin {ADMIN}"
            commands.append(f"echo {PASSWORD} | {create}")
        for command in commands:
            run("sh", "-c", command, cwd=self.project, **self.variables)

    @property
    def has_accounts(self) -> bool:
        """Return whether the service has accounts."""
        return Path(self.project, "scripts", "create_admin.py").exists()

    def is_ready(self) -> bool:
        """Return whether the readiness probe succeeds."""
        return self.status("/health/ready") == 200

    def is_alive(self) -> bool:
        """Return whether the liveness probe succeeds."""
        return self.status("/health/live") == 200

    def status(self, path: str) -> int | None:
        """Return the status that a new client gets, or None without a response."""
        try:
            return self._stranger.get(path, headers={"Connection": "close"}).status_code
        except httpx2.TransportError:
            return None

    def client(self) -> httpx2.Client:
        """Return a client that may do everything with items."""
        if self.has_accounts and not self._logged_in:
            wait_until(self._log_in)  # at first it may take too long, on a busy machine
        return httpx2.Client(
            base_url=self.url, headers=self._logged_in, timeout=PATIENCE
        )

    def use_api_key(self) -> None:
        """Let clients use an API key that is valid for a year, at any clock."""
        if not self.has_accounts or "X-API-Key" in self._logged_in:
            return
        with self.client() as client:
            body = {"name": "Robot", "scopes": ["items:read", "items:write"]}
            key = client.post("/api/v1/api-keys", json=body).json()["key"]
        self._logged_in = {"X-API-Key": key}

    def _log_in(self) -> bool:
        form = {"username": ADMIN, "password": PASSWORD}
        tokens = self._stranger.post("/api/v1/auth/token", data=form)
        if tokens.status_code in {503, 504}:
            return False
        assert tokens.status_code == 200, tokens.text
        self._logged_in = {"Authorization": f"Bearer {tokens.json()['access_token']}"}
        return True

    def report(self) -> str:
        """Return the status in the report for operators."""
        headers = {"Authorization": f"Bearer {OPS_KEY}"}
        response = self._stranger.get("/health", headers=headers)
        return str(response.json()["status"])

    def resources(self) -> Resources:
        """Return what it holds at this moment."""
        process = psutil.Process(self.pid)
        return Resources(
            tasks=int(self._stranger.get("/tasks").text),
            threads=process.num_threads(),
            files=process.num_fds(),
            connections=int(self.postgresql.ask(CLIENTS_OF_POSTGRESQL)),
            memory=process.memory_info().rss,
        )

    def __exit__(self, *_: object) -> None:
        """End the service in any state."""
        super().__exit__()
        self._stranger.close()


@contextmanager
def services(
    project: Path, folder: Path, initial: Path | None = None, /, **variables: str
) -> Iterator[Service]:
    """Run a service with its servers until the block ends; yields it when ready.

    ``initial`` is where the data of another database lie that begins like this one.
    """
    with ExitStack() as stack:
        postgresql = PostgreSQL(project, folder, initial=initial)
        stack.enter_context(postgresql)
        valkey = None
        if (project / "app" / "core" / "cache").exists():
            valkey = stack.enter_context(Valkey(project, folder))
        service = Service(project, postgresql, valkey)
        service.variables |= variables
        if not initial:
            service.migrate()
        stack.callback(service.__exit__)
        service.start(service.is_ready)
        yield service


@contextmanager
def another(service: Service, **variables: str) -> Iterator[Service]:
    """Run one more instance beside it, with other settings."""
    instance = Service(service.project, service.postgresql, service.valkey)
    port = {"SERVER_PORT": str(instance.port)}
    instance.variables = {**service.variables, **variables, **port}
    with instance:
        wait_until(instance.is_ready)
        yield instance


def new_item() -> dict[str, str]:
    """Return the fields of an item that there is not yet."""
    number = next(_numbers)
    return {"sku": f"item-{number}", "name": f"Item {number}"}
