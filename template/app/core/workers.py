"""Several worker processes with one set of numbers.

With ``PROMETHEUS_MULTIPROC_DIR`` in the environment, prometheus-client keeps what a
process counts in files of that folder, and whichever worker is asked adds them all up.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from prometheus_client import Metric, ProcessCollector
from prometheus_client.registry import Collector

# No setting: prometheus-client reads it when it is imported.
DIRECTORY = os.environ.get("PROMETHEUS_MULTIPROC_DIR")


class WorkersCollector(Collector):
    """What ``ProcessCollector`` tells of one process, for each worker."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def collect(self) -> Iterable[Metric]:
        """Return the metrics, in which each worker has samples of its own."""
        families: dict[str, Metric] = {}
        for pid in sorted({pid for pid, _ in _state_files(self._directory)}):
            worker = ProcessCollector(pid=partial(int, pid), registry=None)
            for one in worker.collect():
                family = Metric(one.name, one.documentation, one.type)
                family = families.setdefault(one.name, family)
                for sample in one.samples:
                    family.add_sample(sample.name, {"pid": str(pid)}, sample.value)
        return families.values()


@contextmanager
def among_workers(directory: Path) -> Iterator[None]:
    """Be one of them until the block ends."""
    directory.mkdir(parents=True, exist_ok=True)
    _forget_dead(directory)
    try:
        yield
    finally:
        _forget_dead(directory)


def _forget_dead(directory: Path) -> None:
    """Drop the momentary state of processes that are gone; what they counted stays.

    Our own goes as well: it is from a predecessor with the same id, or we are stopping.
    """
    for pid, file in _state_files(directory):
        if pid == os.getpid() or not _is_running(pid):
            file.unlink(missing_ok=True)


def _state_files(directory: Path) -> Iterator[tuple[int, Path]]:
    """Return where processes keep their momentary state."""
    for file in directory.glob("gauge_live*_*.db"):
        yield int(file.stem.rpartition("_")[2]), file


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it is somebody else's
    return True
