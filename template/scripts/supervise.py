"""Servers that end with the processes that use them, even if those are killed.

Each server has a supervisor: this file, run by path with the standard library alone.
Its standard input is a pipe from the process that started it, and ends with that
process. Others that use the server share a lock, which ends with them.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TextIO, TypeAlias

Process: TypeAlias = "subprocess.Popen[bytes]"


@contextmanager
def supervised(
    command: list[str], lock: TextIO, scratch: Path, log: Path, user: int | None = None
) -> Iterator[Process]:
    """Run a server until the last process that has locked the file ``lock`` ends.

    The folder ``scratch`` is removed with it. Root may name another user to run it.
    """
    identity = str(os.geteuid() if user is None else user)
    with log.open("wb") as file:
        supervisor = subprocess.Popen(
            [sys.executable, "-IS", __file__, lock.name, scratch, identity, *command],
            stdin=subprocess.PIPE,
            stdout=file,
            stderr=file,
            start_new_session=True,  # Ctrl+C ends what uses it first
        )
    try:
        yield supervisor
    finally:
        alone = is_alone(lock)
        fcntl.flock(lock, fcntl.LOCK_UN)
        if supervisor.stdin:
            supervisor.stdin.close()
        if alone:
            supervisor.wait()


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[TextIO]:
    """Hold a lock of the system on a file."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield file


def is_alone(file: TextIO) -> bool:
    """Tell whether no other process has locked a file."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def main(lock: str, scratch: str, user: str, *command: str) -> int:
    """Run the server, and return its exit code."""
    server = subprocess.Popen(command, cwd="/", user=int(user))
    Thread(target=stop_unused, args=(server, Path(lock)), daemon=True).start()
    try:
        return server.wait()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def stop_unused(server: Process, lock: Path) -> None:
    """Stop the server when nothing uses it. SIGINT closes connections that are left."""
    os.read(sys.stdin.fileno(), 1)  # unlike a file object, no lock at the end
    with locked(lock):
        server.send_signal(signal.SIGINT)
        server.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
