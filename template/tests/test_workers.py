"""Several worker processes with one set of numbers."""

import asyncio
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client.samples import Sample

from app.core import metrics, workers
from app.core.settings import Settings
from tests.metrics import read, total
from tests.server import PATIENCE, Server, serving

NO_PROCESS = 2**30


class Service:
    """Two workers, and the files of what they count."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self.wait_until = server.wait_until
        [self.files] = folder.glob("metrics-*")

    def get(self, path: str) -> str:
        """Ask the worker that is the first to take a new connection."""
        with self.server.client() as client:
            return client.get(path).raise_for_status().text

    def scrape(self) -> list[Sample]:
        """Return what that worker tells."""
        return list(read(self.get("/metrics")))

    def pids(self, kind: str) -> set[int]:
        """Return the processes that have a file of this kind."""
        files = self.files.glob(f"{kind}_*.db")
        return {int(file.stem.rpartition("_")[2]) for file in files}


def workers_in(samples: list[Sample]) -> set[int]:
    """Return the processes whose memory is told."""
    memory = "process_resident_memory_bytes"
    told = (sample for sample in samples if sample.name == memory)
    return {int(sample.labels["pid"]) for sample in told if sample.value > 0}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """Two workers that are ready."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    options = {
        "LAST_SECONDS": "2",
        "SERVER_STOP_TIMEOUT": "1",
        "TMPDIR": str(folder),
        "WEB_CONCURRENCY": "2",
    }
    with serving("tests.slow_server", tmp_path / "log", **options) as server:
        server.wait_until_ready()
        service = Service(server, folder)
        server.wait_until(lambda: len(service.pids("gauge_livesum")) == 2)
        yield service


@pytest.mark.slow
def test_every_worker_tells_what_all_of_them_count(
    service: Service, settings: Settings
) -> None:
    live, sent = {"route": "/health/live"}, 0

    def both_answer() -> bool:
        nonlocal sent
        sent += len(list(threads.map(service.get, ["/health/live"] * 20)))
        return len(service.pids("counter")) == 2

    with ThreadPoolExecutor(8) as threads:
        service.wait_until(both_answer)
    # A request is counted when its answer has left.
    service.wait_until(
        lambda: total(service.scrape(), "http_requests_total", **live) == sent
    )
    for _ in range(10):
        samples = service.scrape()
        assert total(samples, "http_requests_total", **live) == sent
        count = "http_request_duration_seconds_count"
        assert total(samples, count, **live) == sent
        limit = settings.database.pool_size + settings.database.pool_overflow
        assert total(samples, "database_pool_limit") == 2 * limit
        assert total(samples, "build_info") == 1
        if Path("/proc").exists():
            assert workers_in(samples) == service.pids("counter")
    victim, other = service.pids("gauge_livesum")
    os.kill(victim, signal.SIGKILL)
    service.wait_until(lambda: len(service.pids("gauge_livesum") - {victim}) == 2)
    assert other in service.pids("gauge_livesum")
    with ThreadPoolExecutor(1) as threads:
        hanging = threads.submit(service.server.client().get, "/hang")
        service.wait_until(
            lambda: total(service.scrape(), "http_requests_in_progress") == 2
        )
        service.server.terminate()
        assert service.server.wait() == 0
        assert hanging.result().status_code == 503
    assert service.server.says("The process ends by force; threads given up: 1")
    assert not service.files.exists()


def test_a_worker_that_is_not_asked_tells_how_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "DIRECTORY", str(tmp_path))
    monkeypatch.setattr(metrics, "SAMPLE_EVERY", 0)

    async def wait_for_samples() -> None:
        async with metrics.open_metrics("1.0") as opened, asyncio.timeout(PATIENCE):
            for _ in range(3):
                sampled = asyncio.Event()
                opened.sample_with(sampled.set)
                await sampled.wait()

    asyncio.run(wait_for_samples())


def test_a_worker_leaves_no_state_behind(tmp_path: Path) -> None:
    """Not its own, nor that of one that was killed."""
    own, dead, other = os.getpid(), NO_PROCESS, os.getppid()
    for pid in (own, dead, other):
        for kind in ("counter", "gauge_livesum"):
            (tmp_path / f"{kind}_{pid}.db").touch()
    counters = {f"counter_{pid}.db" for pid in (own, dead, other)}
    expected = counters | {f"gauge_livesum_{other}.db"}
    with workers.among_workers(tmp_path):
        assert {file.name for file in tmp_path.iterdir()} == expected
        (tmp_path / f"gauge_livesum_{own}.db").touch()
    assert {file.name for file in tmp_path.iterdir()} == expected
