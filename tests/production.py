"""What a project needs to run as in production, on this machine."""

import os
import secrets
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SERVE = """
import sys
from pathlib import Path
from scripts import servers
name, *folders = sys.argv[1:]
with getattr(servers, name)(*(Path(one) if one else None for one in folders)) as url:
    print(url, flush=True)
    sys.stdin.readline()
"""
PATIENCE = 60  # seconds, on a busy machine
OTHER_CLIENTS = (
    "FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
# How many clients a PostgreSQL has, apart from who asks.
CLIENTS_OF_POSTGRESQL = f"SELECT count(*) {OTHER_CLIENTS}"
# What a service asks of those who run it; one that needs less ignores the rest.
PRODUCTION = {
    "APP_ENVIRONMENT": "production",  # the .env of the project says otherwise
    "AUTH_SIGNING_KEY": secrets.token_hex(32),
    "EMAIL_BACKEND": "smtp",
    "EMAIL_LINK_URL": "https://www.example.com",
    "EMAIL_SENDER": "noreply@www.example.com",
    "REDIS_URL": "redis://127.0.0.1:1/0",  # an outage: it serves all the same
}
# Counted as in production, but never used up.
PLENTY = "1000000000 per 1 minute"
UNLIMITED = {
    "SERVER_MAX_CLIENT_CONNECTIONS": "10000",
    "RATE_CLIENT_READS": PLENTY,
    "RATE_CLIENT_WRITES": PLENTY,
    "RATE_USER_READS": PLENTY,
    "RATE_USER_WRITES": PLENTY,
}
_reservations: list[socket.socket] = []


def free_port() -> int:
    """Return a port that the system gives to no other process.

    It stays bound as long as this process lives. Servers set ``SO_REUSEADDR``: with it
    on both sides, they may listen on a port that is bound and not listened on.
    """
    reservation = socket.socket()
    reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reservation.bind(("127.0.0.1", 0))
    _reservations.append(reservation)
    port: int = reservation.getsockname()[1]
    return port


def is_open(port: int) -> bool:
    """Tell whether a server accepts connections on a port."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def program_of_postgresql(environment: Path, name: str) -> Path:
    """Return a program of the PostgreSQL that the packages of a project bring along."""
    (found,) = environment.glob(f"lib/*/site-packages/*/pginstall18/bin/{name}")
    return found


@contextmanager
def postgresql_of(
    project: Path,
    folder: Path | None,
    python: Sequence[str | Path] = ("uv", "run", "python"),
) -> Iterator[str]:
    """Run the PostgreSQL of a project until the block ends; its data is in a folder.

    Without a folder, the data is gone afterwards.
    """
    if folder:
        folder.mkdir(exist_ok=True)
    with _server_of(project, *python, "-c", SERVE, "postgresql", folder or "") as url:
        yield url


@contextmanager
def valkey_of(project: Path) -> Iterator[str]:
    """Run the Valkey of a project until the block ends."""
    with _server_of(project, "uv", "run", "python", "-c", SERVE, "valkey") as url:
        yield url


@contextmanager
def _server_of(project: Path, *command: str | Path) -> Iterator[str]:
    with subprocess.Popen(
        command,
        cwd=project,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.communicate("stop\n", timeout=30)


@contextmanager
def running(
    *command: str, cwd: Path, log: Path, **variables: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends."""
    with log.open("wb") as file:
        environment = os.environ | variables
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdout=file, stderr=file
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)
