"""The servers that are measured: one worker each, on a free port of this machine."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.projects import Project
from tests.matrix import ROOT
from tests.production import PATIENCE, free_port, running

SERVICE = "service"
WORKER = "worker"
OWN = {SERVICE: "serve", WORKER: "worker"}  # modules
# What writes no line for a request: the harder comparison, as the service writes one.
OPTIONS = ("--no-access-log",)
LIVE = "/health/live"


@dataclass(frozen=True)
class Server:
    """A process that serves the service or a bare application."""

    port: int
    pid: int

    def cpu_time(self) -> float:
        """Return the seconds that all its threads have used so far."""
        return cpu_time(self.pid)

    def memory(self) -> float:
        """Return its resident memory in megabytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024


def cpu_time(pid: int) -> float:
    """Return the seconds of CPU time of a process, user and system.

    The clock that ``clock_getcpuclockid`` finds on Linux: /proc counts hundredths.
    """
    return time.clock_gettime(~pid << 3 | 2)


def module(name: str) -> str:
    """Return where the application of a server is."""
    return "app.main" if name == SERVICE else f"benchmarks.bare.{name}"


def environment(project: Project, port: int = 0) -> dict[str, str]:
    """Return what a server needs to know, whichever it is."""
    path = {"PYTHONPATH": f"{project.folder}{os.pathsep}{ROOT}"}
    return project.settings | path | {"SERVER_PORT": str(port)}


@contextmanager
def serving(project: Project, name: str, *options: str) -> Iterator[Server]:
    """Run a server until the block ends; it answers when the block begins."""
    port = free_port()
    command = [str(project.python), "-m", f"app.{OWN.get(name)}"]
    if name not in OWN:
        bare = ["uvicorn", f"{module(name)}:app", f"--port={port}"]
        command[2:] = [*bare, *(options or OPTIONS)]
    log = project.folder / f"{port}.log"
    with running(
        *command, cwd=project.folder, log=log, **environment(project, port)
    ) as process:
        wait_for(port, process)
        yield Server(port, process.pid)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return as soon as the server has answered for the first time."""
    question = f"GET {LIVE} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, f"{process.args!r} has ended"
        try:
            with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
                client.sendall(question)
                assert client.recv(64).startswith(b"HTTP/1.1 200")
                return
        except ConnectionRefusedError:
            time.sleep(0.005)
    raise TimeoutError(f"{process.args!r} does not respond")
