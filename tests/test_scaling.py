"""More than one of everything: replicas, a pooler, instances that share."""

import os
import re
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.conftest import Render, run
from tests.production import (
    CLIENTS_OF_POSTGRESQL,
    PRODUCTION,
    free_port,
    postgresql_of,
    program_of_postgresql,
    running,
    valkey_of,
    wait_until,
)
from tests.resilience.test_jobs import ENDED, ENQUEUE, WIDGETS, WRITTEN
from tests.test_projects import entered

ITEMS = "/api/v1/items"
OPS_KEY = secrets.token_hex(32)


@pytest.fixture(params=["async", "sync"])
def project(
    request: pytest.FixtureRequest,
    render: Render,
    shared: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A project that all accounts may write to, with all shared servers."""
    answers = {"database": request.param, "redis": True, "auth": "none", "jobs": True}
    return entered(render(answers), shared, monkeypatch)


def environment() -> Path:
    """Return where its packages are."""
    return Path(os.environ["UV_PROJECT_ENVIRONMENT"])


@contextmanager
def migrated(project: Path, folder: Path) -> Iterator[str]:
    """Run a PostgreSQL with the tables of the service until the block ends."""
    with postgresql_of(project, folder) as url:
        migrate(project, DATABASE_URL=url)
        yield url


def migrate(project: Path, **variables: str) -> None:
    """Bring a database to the newest revision."""
    settings = {**PRODUCTION, **variables}
    run("uv", "run", "alembic", "upgrade", "head", cwd=project, **settings)


@contextmanager
def serving(
    project: Path, module: str = "app.serve", **variables: str
) -> Iterator[str]:
    """Run the service or a worker until the block ends; yields its URL."""
    port = str(free_port())
    url = f"http://127.0.0.1:{port}"
    settings = {
        "APP_DRAIN_TIME": "0",
        "OPS_KEY": OPS_KEY,
        "SERVER_HOST": "127.0.0.1",
        "SERVER_PORT": port,
    }
    python = environment() / "bin" / "python"
    log = project / f"{port}.log"
    every = {**PRODUCTION, **settings, **variables}
    command = (str(python), "-m", module)
    with running(*command, cwd=project, log=log, **every):
        wait_until(lambda: status(f"{url}/health/ready") == 200)
        yield url


def status(url: str) -> int | None:
    """Send a request of a new client, without cookies."""
    try:
        return httpx2.get(url).status_code
    except httpx2.TransportError:
        return None


def sockets(url: str) -> str:
    """Return the folder where a server listens."""
    (host,) = parse_qs(urlsplit(url).query)["host"]
    return host


def ask(project: Path, url: str, statement: str) -> str:
    """Run a statement and return what it gives."""
    psql = program_of_postgresql(environment(), "psql")
    return run(psql, url, "-tAc", statement, cwd=project).strip()


def add(client: httpx2.Client, sku: str) -> str:
    """Add an item and return its path."""
    created = client.post(ITEMS, json={"sku": sku, "name": sku})
    assert created.status_code == 201
    return created.headers["location"]


def clone(project: Path, primary: str, data: Path) -> None:
    """Make the data of a standby, with the same owner."""
    program = program_of_postgresql(environment(), "pg_basebackup")
    options = ("--write-recovery-conf", "--checkpoint=fast", "--username=postgres")
    address = ("--host", sockets(primary), "--pgdata", data)
    run(program, *options, *address, cwd=project)
    (data / ".s.PGSQL.5432.lock").unlink()
    owner = Path(sockets(primary)).stat()
    for path in (data, *data.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)


def test_streaming_replica(project: Path, workspace: Path) -> None:
    """A real standby that is behind, gone, and back."""
    with ExitStack() as stack:
        primary = stack.enter_context(migrated(project, workspace / "primary"))
        folder = workspace / "standby"
        clone(project, primary, folder / "postgresql")
        standby = stack.enter_context(ExitStack())
        replica = standby.enter_context(postgresql_of(project, folder))
        settings = {
            "APP_ENVIRONMENT": "development",  # cookies without TLS
            "DATABASE_URL": primary,
            "DATABASE_REPLICA_URL": replica,
        }
        service = stack.enter_context(serving(project, **settings))
        writer = stack.enter_context(httpx2.Client(base_url=service))

        lamp = service + add(writer, "lamp")
        wait_until(lambda: status(lamp) == 200)

        ask(project, replica, "SELECT pg_wal_replay_pause()")
        torch = add(writer, "torch")
        assert status(service + torch) == 404
        assert writer.get(torch).status_code == 200
        ask(project, replica, "SELECT pg_wal_replay_resume()")
        wait_until(lambda: status(service + torch) == 200)

        standby.close()
        assert status(lamp) == 503
        assert writer.get(add(writer, "candle")).status_code == 200
        assert status(f"{service}/health/ready") == 200
        assert can_do_with(project, primary, workspace)
        stack.enter_context(postgresql_of(project, folder))
        wait_until(lambda: status(lamp) == 200)


def can_do_with(project: Path, primary: str, nowhere: Path) -> bool:
    """Tell whether a URL of several servers leads to the one that is running."""
    hosts = f"host={nowhere},{sockets(primary)}&target_session_attrs=prefer-standby"
    replica = f"postgresql://postgres@/postgres?{hosts}"
    urls = {"DATABASE_URL": primary, "DATABASE_REPLICA_URL": replica}
    with serving(project, **urls) as service:
        return status(f"{service}{ITEMS}") == 200


def configured(project: Path, database: str, port: int) -> str:
    """Return what docs/scaling.md recommends, for this machine and few connections."""
    document = (project / "docs" / "scaling.md").read_text()
    recommended = document.partition("```ini\n")[2].partition("```")[0]
    host = f"host={sockets(database)} user=postgres dbname=postgres"
    return (
        recommended.replace("host=postgres", host)
        .replace("default_pool_size = 20", "default_pool_size = 2")
        .replace("[pgbouncer]", f"[pgbouncer]\nlisten_port = {port}\nauth_type = any")
        .replace("[pgbouncer]", "[pgbouncer]\nlisten_addr = 127.0.0.1")
        .replace("[pgbouncer]", "[pgbouncer]\nunix_socket_dir =")
    )


def test_pgbouncer(project: Path, workspace: Path) -> None:
    """A real PgBouncer in transaction mode: two connections for requests and jobs."""
    # Debian puts it where only root looks.
    pgbouncer = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    if not pgbouncer:
        pytest.skip("PgBouncer is not installed, and there is no wheel of it")
    port = free_port()
    with ExitStack() as stack:
        database = stack.enter_context(postgresql_of(project, workspace / "server"))
        config = workspace / "pgbouncer.ini"
        config.write_text(configured(project, database, port))
        log = workspace / "pgbouncer.log"
        # The server does not run as root, and its user must reach the socket.
        owner = Path(sockets(database)).owner()
        user = ("--user", owner) if os.geteuid() == 0 else ()
        stack.enter_context(
            running(pgbouncer, *user, str(config), cwd=workspace, log=log)
        )
        pooled = {
            "DATABASE_URL": f"postgresql://postgres@127.0.0.1:{port}/postgres",
            "DATABASE_TRANSACTION_POOLING": "True",
        }
        migrate(project, **pooled)
        service = stack.enter_context(serving(project, **pooled))
        client = stack.enter_context(httpx2.Client(base_url=service))

        def use(number: int) -> int:
            path = add(client, f"item-{number}")
            change = client.patch(path, json={"name": "Torch"})
            return change.status_code * client.get(ITEMS).status_code

        with ThreadPoolExecutor(8) as threads:
            assert Counter(threads.map(use, range(100))) == {200 * 200: 100}
        ask(project, database, WIDGETS)
        ask(project, pooled["DATABASE_URL"], ENQUEUE % 100)
        for _ in range(2):
            worker = serving(project, "tests.support.sample_jobs", **pooled)
            stack.enter_context(worker)
        wait_until(lambda: ask(project, database, ENDED) == "succeeded|100")
        assert ask(project, database, WRITTEN) == "100|100"
        assert int(ask(project, database, CLIENTS_OF_POSTGRESQL)) <= 2
        # Its connections would keep them for an hour, and each read would add some.
        pooler = pooled["DATABASE_URL"]
        assert ask(project, pooler, "SELECT name FROM pg_prepared_statements") == ""


def test_two_instances(project: Path, workspace: Path) -> None:
    """They count together, and neither has a copy of what the other has changed."""
    with ExitStack() as stack:
        database = stack.enter_context(migrated(project, workspace / "server"))
        shared = {
            "DATABASE_URL": database,
            "REDIS_URL": stack.enter_context(valkey_of(project)),
            "REDIS_TIMEOUT": "10",
            "REDIS_HOLD": "1",
            "RATE_CLIENT_READS": "100 per 1 hour",
        }
        urls = [stack.enter_context(serving(project, **shared)) for _ in range(2)]
        one, other = (stack.enter_context(httpx2.Client(base_url=url)) for url in urls)
        lamp = add(one, "lamp")
        reads = 0
        while not cache_hits(other):
            reads += 2
            assert one.get(lamp).json()["name"] == "lamp"
            assert other.get(lamp).json()["name"] == "lamp"
        other.patch(lamp, json={"name": "Torch"})
        assert one.get(lamp).json()["name"] == "Torch"
        with ThreadPoolExecutor(8) as threads:
            clients = [one, other] * 100
            responses = threads.map(lambda client: client.get(ITEMS), clients)
            statuses = Counter(response.status_code for response in responses)
        assert statuses == {200: 99 - reads, 429: 101 + reads}


def cache_hits(client: httpx2.Client) -> int:
    """Return how often an instance found in the cache what it looked for."""
    key = {"Authorization": f"Bearer {OPS_KEY}"}
    metrics = client.get("/metrics", headers=key).text
    hits = re.findall(
        r'^cache_requests_total{.*result="hit".*} (\d+)', metrics, re.MULTILINE
    )
    return sum(map(int, hits))
