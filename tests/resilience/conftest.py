"""Services that run, for tests that leave them as they were."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from zlib import crc32

import httpx2
import psutil
import pytest
from filelock import FileLock

from tests.conftest import run
from tests.faster import run_copy
from tests.matrix import Answers, code_variants, server_variants, variant_id
from tests.production import wait_until
from tests.resilience.figures import errors_of
from tests.resilience.servers import PostgreSQL
from tests.resilience.service import (
    BUDGETS,
    IMPATIENT,
    ITEMS,
    Service,
    new_item,
    services,
)
from tests.test_projects import installed


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each ``server_variant``; ``--edges`` takes all code trees.

    Otherwise a test runs with each database, once with a cache and once without. One
    that is marked ``variants(auth="jwt")`` runs in all variants with that answer.
    """
    if "server_variant" not in metafunc.fixturenames:
        return
    edges = metafunc.config.getoption("--edges")
    chosen = code_variants() if edges else server_variants()
    marks = list(metafunc.definition.iter_markers("variants"))
    for mark in marks:
        chosen = [one for one in chosen if mark.kwargs.items() <= one.items()]
    assert chosen
    if not edges and not marks:
        chosen = half_of(chosen, crc32(metafunc.function.__name__.encode()))
    # Its servers are started once for all tests, which come one after another.
    metafunc.parametrize("server_variant", chosen, ids=variant_id, scope="session")


def half_of(variants: Sequence[Answers], number: int) -> list[Answers]:
    """Return every database, and if there are two, every answer about a cache."""
    databases = sorted({one["database"] for one in variants})
    return [
        one
        for one in variants
        if one["redis"] == bool((databases.index(one["database"]) + number) % 2)
    ]


@pytest.fixture(scope="session")
def project(template: Path, server_variant: Answers, shared: Path) -> Path:
    """A project with its packages, for all tests; they write nothing into it."""
    project = shared / "resilience" / variant_id(server_variant)
    with FileLock(shared / "resilience.lock"):
        if not project.exists():
            run_copy(
                str(template), project, data=server_variant, defaults=True, quiet=True
            )
            python = installed(project, shared).python
            (project / ".venv").symlink_to(python.parents[1])
    return project


@pytest.fixture(scope="session")
def initial(project: Path, server_variant: Answers, shared: Path) -> Path:
    """What a database holds at first; accounts and jobs have tables of their own."""
    tables = f"{server_variant['auth']}-{server_variant['jobs']}"
    folder = shared / "resilience" / f"data-{tables}"
    with FileLock(shared / "resilience.lock"):
        if not folder.exists():
            with PostgreSQL(project, folder) as postgresql:
                Service(project, postgresql).migrate()
                postgresql.stop()
    return folder


@pytest.fixture(scope="session")
def service(project: Path, initial: Path) -> Iterator[Service]:
    """The service of a project with its servers; each test leaves them running."""
    with served(project, initial) as service:
        yield service


@pytest.fixture(scope="session")
def unlimited(project: Path, initial: Path) -> Iterator[Service]:
    """Another service, whose limits are never reached."""
    with served(project, initial, **BUDGETS) as service:
        yield service


@pytest.fixture(scope="session")
def impatient(project: Path, initial: Path) -> Iterator[Service]:
    """Another one, which waits for nothing as long as it would in production."""
    with served(project, initial, **IMPATIENT) as service:
        yield service


@pytest.fixture(scope="session")
def clocks(project: Path, shared: Path) -> str:
    """Where the interpreter of a project finds what moves its clock."""
    folder = shared / "resilience" / "clocks"
    wanted = f"time-machine=={version('time-machine')}"
    python = project / ".venv" / "bin" / "python"
    install = ("uv", "pip", "install", "--quiet", "--python", python)
    with FileLock(shared / "resilience.lock"):
        if not folder.exists():
            run(*install, "--target", folder, wanted, cwd=project)
    return f"{project}:{folder}"


@pytest.fixture
def client(service: Service) -> Iterator[httpx2.Client]:
    """A client with all permissions for items."""
    with service.client() as client:
        yield client


@contextmanager
def served(project: Path, initial: Path, **variables: str) -> Iterator[Service]:
    """Run a service with its servers until the block ends."""
    with tempfile.TemporaryDirectory(prefix="copier-fastapi-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o711)  # a PostgreSQL that root starts is another user
        with services(project, folder, initial, **variables) as service:
            yield service


@pytest.fixture
def unharmed(service: Service, client: httpx2.Client) -> Iterator[psutil.Process]:
    """The process, which serves others as before, and keeps nothing."""
    process = psutil.Process(service.pid)
    memory, files = process.memory_info().rss, process.num_fds()
    yield process
    assert service.is_alive()
    assert client.post(ITEMS, json=new_item()).status_code == 201
    assert not errors_of(service)
    assert process.memory_info().rss < memory + 150 * 2**20
    # Pools keep connections to servers; those of clients are closed.
    wait_until(lambda: process.num_fds() < files + 50)
