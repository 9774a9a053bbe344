"""Workers for background jobs are killed, or their database is: no job is lost."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import cycle

import pytest

from tests.production import free_port, wait_until
from tests.resilience.servers import PostgreSQL, Server
from tests.resilience.service import Service
from tests.resilience.test_database_outages import repair

pytestmark = pytest.mark.variants(jobs=True)

JOBS = 2000
# What runs a worker whose clock is so many hours ahead.
START = """
import time
from tests.support.sample_jobs import main
if hours := {hours}:
    import time_machine
    time_machine.travel(time.time() + 3600 * hours, tick=True).start()
main()
"""
HOURS_AHEAD = [0, 1, -1, 24]  # of each worker
KILLS = 8
# As a worker enqueues them; each writes its number.
ENQUEUE = """
    SELECT count(procrastinate_defer_jobs_v1(ARRAY[ROW(
        'create_widget@1', 'create_widget', 0, NULL, NULL, jsonb_build_object(
            'arguments', jsonb_build_object('name', n::text, 'first', 0.05)
        ), NULL
    )::procrastinate_job_to_defer_v1])) FROM generate_series(1, %d) AS n
"""
WIDGETS = """
    CREATE SCHEMA tests;
    CREATE TABLE tests.widgets (
        id uuid, sku text, name text, size int,
        created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now()
    )
"""
CLEAN = """
    DROP SCHEMA tests CASCADE;
    TRUNCATE procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers
"""
LEFT = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
WRITTEN = "SELECT count(*), count(DISTINCT name) FROM tests.widgets"
ENDED = """
    SELECT status, count(*) FROM procrastinate_jobs
    WHERE task_name = 'create_widget' GROUP BY status
"""
STARTED_TWICE = """
    SELECT count(*) FROM (
        SELECT FROM procrastinate_events WHERE type = 'started'
        GROUP BY job_id HAVING count(*) > 1
    ) AS jobs
"""


@pytest.fixture
def postgresql(service: Service) -> Iterator[PostgreSQL]:
    """A database with the table of the jobs."""
    service.postgresql.ask(WIDGETS)
    yield service.postgresql
    service.postgresql.ask(CLEAN)


@contextmanager
def workers(
    service: Service, hours_ahead: list[int], path: str
) -> Iterator[list[Server]]:
    """Run workers with these clocks until the block ends."""
    python = service.project / ".venv" / "bin" / "python"
    with ExitStack() as stack:
        started = []
        for hours in hours_ahead:
            port = free_port()
            log = service.log.with_name(f"worker-{port}.log")
            start = START.format(hours=hours)
            worker = Server([python, "-c", start], port=port, log=log)
            worker.folder = service.project
            worker.variables = service.variables | {
                "DATABASE_CONNECT_TIMEOUT": "2",
                "DATABASE_STATEMENT_TIMEOUT": "2",
                "JOBS_LEASE": "3",
                "JOBS_POLL_INTERVAL": "0.1",
                "PYTHONPATH": path,
                "SERVER_PORT": str(port),
            }
            started.append(stack.enter_context(worker))
        yield started


def count_left(postgresql: PostgreSQL) -> int:
    """Return how many jobs wait or run."""
    return int(postgresql.ask(LEFT))


def wait_for_jobs(postgresql: PostgreSQL, left: int = 0) -> None:
    """Wait until so many jobs or fewer are left; they must become fewer."""
    before = JOBS + 1
    while before > left:
        wait_until(partial(is_fewer, postgresql, before))
        before = count_left(postgresql)


def is_fewer(postgresql: PostgreSQL, before: int) -> bool:
    """Tell whether jobs have ended."""
    return count_left(postgresql) < before


def assert_each_once(postgresql: PostgreSQL, jobs: int) -> None:
    """Each job has succeeded, and what it wrote is there once."""
    assert postgresql.ask(ENDED) == f"succeeded|{jobs}"
    assert postgresql.ask(WRITTEN) == f"{jobs}|{jobs}"


def test_each_job_is_started_once(
    service: Service, postgresql: PostgreSQL, clocks: str
) -> None:
    """Workers and database do not agree what time it is."""
    postgresql.ask(ENQUEUE % JOBS)
    with workers(service, HOURS_AHEAD, clocks):
        wait_for_jobs(postgresql)
    assert_each_once(postgresql, JOBS)
    assert postgresql.ask(STARTED_TWICE) == "0"


def test_killed_workers_lose_no_job(
    service: Service, postgresql: PostgreSQL, clocks: str
) -> None:
    postgresql.ask(ENQUEUE % JOBS)
    with workers(service, HOURS_AHEAD, clocks) as running:
        for kill, worker in zip(range(KILLS), cycle(running), strict=False):
            wait_for_jobs(postgresql, JOBS - (kill + 1) * JOBS // (2 * KILLS))
            worker.kill()
            worker.start()
        wait_for_jobs(postgresql)
    assert_each_once(postgresql, JOBS)
    assert postgresql.ask(STARTED_TWICE) != "0"


def has_noticed(worker: Server) -> bool:
    """Tell whether a worker has noticed an outage."""
    return "waits for the database" in worker.log.read_text()


@pytest.mark.parametrize("fault", ["stop", "kill", "freeze"])
def test_workers_outlive_the_database(
    service: Service, postgresql: PostgreSQL, clocks: str, fault: str
) -> None:
    jobs = JOBS // 4
    postgresql.ask(ENQUEUE % jobs)
    with workers(service, [0, 1], clocks) as running:
        wait_for_jobs(postgresql, jobs * 3 // 4)
        getattr(postgresql, fault)()
        for worker in running:
            wait_until(partial(has_noticed, worker))
        repair(service, fault)
        wait_for_jobs(postgresql)
        for worker in running:
            assert worker.takes_connections()
    assert_each_once(postgresql, jobs)
