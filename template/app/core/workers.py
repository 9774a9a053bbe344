"""Several worker processes with one set of numbers.

With ``PROMETHEUS_MULTIPROC_DIR`` in the environment, prometheus-client keeps what a
process counts in files of that folder, and whichever worker is asked adds them all up.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# No setting: prometheus-client reads it when it is imported.
DIRECTORY = os.environ.get("PROMETHEUS_MULTIPROC_DIR")


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
    for file in directory.glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        if pid == os.getpid() or not _is_running(pid):
            file.unlink(missing_ok=True)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True
