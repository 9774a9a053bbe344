"""A rendered project with its own servers, its tables and some data."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from tests.cell import rendered
from tests.matrix import Answers
from tests.production import PRODUCTION, UNLIMITED, postgresql_of, valkey_of

ITEMS = "/api/v1/items"
ROWS = 100
ADA, EVE = "ada@example.com", "eve@example.com"
PASSWORD = "correct horse battery staple"
HOLD = 1  # seconds, in which no copy is kept of what was changed
# Production, with what is on by default, and no budget that measuring would exceed.
SETTINGS = {
    **PRODUCTION,
    **UNLIMITED,
    "APP_DRAIN_TIME": "0",
    "SERVER_HOST": "127.0.0.1",
    "REDIS_HOLD": str(HOLD),
}
PRODUCTION_ENVIRONMENT = ".production"
# What a caller's own would mean to a project; the first makes every start compile.
FOREIGN = (
    "PYTHONDONTWRITEBYTECODE",
    "DATABASE_URL",
    "REDIS_URL",
    "UV_PROJECT_ENVIRONMENT",
    "VIRTUAL_ENV",
)


@dataclass(frozen=True)
class Project:
    """A project that is installed, and the settings with which its servers run."""

    folder: Path
    answers: Answers
    settings: dict[str, str]

    @property
    def python(self) -> Path:
        """The interpreter that has what the image has, and nothing else."""
        return self.folder / PRODUCTION_ENVIRONMENT / "bin" / "python"

    def run(self, *command: str, said: str = "", **settings: str) -> str:
        """Let its Python run something; ``said`` is what it reads."""
        ended = subprocess.run(
            [self.python, *command],
            cwd=self.folder,
            env=os.environ | self.settings | settings,
            input=said,
            check=True,
            capture_output=True,
            text=True,
        )
        return ended.stdout


@contextmanager
def prepared(answers: Answers, version: str = "HEAD") -> Iterator[Project]:
    """Render, install and migrate a project; its servers run until the block ends."""
    for name in FOREIGN:
        os.environ.pop(name, None)
    with ExitStack() as stack:
        folder = stack.enter_context(rendered(answers, version))
        settings = {**SETTINGS}
        project = Project(folder, answers, settings)
        install(project)
        if answers["database"] == "sync":  # for the bare application without an ORM
            pool = ["uv", "pip", "install", "--quiet", "psycopg-pool"]
            subprocess.run([*pool, f"--python={project.python}"], check=True)
        database = postgresql_of(folder, folder / ".database")
        settings["DATABASE_URL"] = stack.enter_context(database)
        if answers["redis"]:
            settings["REDIS_URL"] = stack.enter_context(valkey_of(folder))
        project.run("-m", "scripts.migrate")
        yield project


def install(project: Project) -> None:
    """Install it twice: for its servers, and without packages for development."""
    sync = ["uv", "sync", "--quiet"]
    subprocess.run(sync, cwd=project.folder, check=True)
    there = os.environ | {"UV_PROJECT_ENVIRONMENT": PRODUCTION_ENVIRONMENT}
    subprocess.run([*sync, "--no-dev"], cwd=project.folder, env=there, check=True)


def fill(project: Project, port: int) -> tuple[str, dict[str, str]]:
    """Store items through the service; return the last one's path and the headers."""
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}") as client:
        if project.answers["auth"] == "jwt":
            _log_in(project, client)
        for number in range(ROWS):
            item = {"sku": f"lamp-{number}", "name": "Lamp", "description": "Bright"}
            answer = client.post(ITEMS, json=item).raise_for_status()
        sent = {"Authorization": client.headers.get("Authorization", "")}
    return answer.headers["Location"], {name: sent[name] for name in sent if sent[name]}


def _log_in(project: Project, client: httpx2.Client) -> None:
    """Let a client be Ada, who is no administrator: those may see everything."""
    for email in (EVE, ADA):
        project.run("-m", "scripts.create_admin", email, said=PASSWORD)
    me = _token(client, ADA).get("/api/v1/users/me").raise_for_status()
    user = f"/api/v1/users/{me.json()['id']}"
    _token(client, EVE).patch(user, json={"role": "user"}).raise_for_status()
    _token(client, ADA)
    if project.answers["redis"]:
        time.sleep(2 * HOLD)


def _token(client: httpx2.Client, email: str) -> httpx2.Client:
    form = {"username": email, "password": PASSWORD}
    tokens = client.post("/api/v1/auth/token", data=form).raise_for_status().json()
    client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    return client
