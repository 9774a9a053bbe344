"""Several worker processes with one set of numbers."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import httpx2
import pytest
from prometheus_client.samples import Sample

from app.core import metrics, workers
from app.core.settings import Settings
from tests.metrics import read, total

PATIENCE = 30  # seconds, on a busy machine
NO_PROCESS = 2**30


class Service:
    """A server with two workers that listens on a socket in a folder."""

    def __init__(self, folder: Path) -> None:
        self.files = folder / "metrics"
        self._socket = folder / "socket"
        options = ["--workers=2", f"--uds={self._socket}"]
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "uvicorn", "app.main:app", *options],
            env=os.environ
            | {"APP_DRAIN_TIME": "0", "PROMETHEUS_MULTIPROC_DIR": str(self.files)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def get(self, path: str) -> str:
        """Ask the worker that is the first to take a new connection."""
        transport = httpx2.HTTPTransport(uds=str(self._socket))
        with httpx2.Client(transport=transport, timeout=PATIENCE) as client:
            return client.get(f"http://service{path}").raise_for_status().text

    def scrape(self) -> list[Sample]:
        """Return what that worker tells."""
        return list(read(self.get("/metrics")))

    def listens(self) -> bool:
        """Tell whether both workers are ready, and one of them takes connections."""
        with socket.socket(socket.AF_UNIX) as client:
            ready = len(self.pids("gauge_livesum")) == 2
            return ready and client.connect_ex(str(self._socket)) == 0

    def pids(self, kind: str) -> set[int]:
        """Return the processes that have a file of this kind."""
        files = self.files.glob(f"{kind}_*.db")
        return {int(file.stem.rpartition("_")[2]) for file in files}

    def stop(self) -> None:
        """Stop as orchestrators ask for it."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(PATIENCE)

    def kill(self) -> None:
        """Leave nothing behind, also when a test failed."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def workers_in(samples: list[Sample]) -> set[int]:
    """Return the processes whose memory is told."""
    memory = "process_resident_memory_bytes"
    told = (sample for sample in samples if sample.name == memory)
    return {int(sample.labels["pid"]) for sample in told if sample.value > 0}


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = monotonic() + PATIENCE
    while not is_so():
        assert monotonic() < deadline
        sleep(0.02)


@pytest.fixture
def service() -> Iterator[Service]:
    """A server whose workers are ready."""
    with TemporaryDirectory() as folder:
        service = Service(Path(folder))
        try:
            wait_until(service.listens)
            yield service
        finally:
            service.kill()


def test_every_worker_tells_what_all_of_them_count(
    service: Service, settings: Settings
) -> None:
    live, sent = {"route": "/health/live"}, 0

    def both_answer() -> bool:
        nonlocal sent
        sent += len(list(threads.map(service.get, ["/health/live"] * 20)))
        return len(service.pids("counter")) == 2

    with ThreadPoolExecutor(8) as threads:
        wait_until(both_answer)
    # A request is counted when its answer has left.
    wait_until(lambda: total(service.scrape(), "http_requests_total", **live) == sent)
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
    service.stop()
    assert service.pids("gauge_livesum") == set()
    assert len(service.pids("counter")) == 2


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
