"""What a project needs to run as in production, on this machine."""

import secrets
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SERVE_POSTGRESQL = """
import sys
from pathlib import Path
from scripts.servers import postgresql
with postgresql(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.readline()
"""
# What a service asks of those who run it; one that needs less ignores the rest.
PRODUCTION = {
    "APP_ENVIRONMENT": "production",  # the .env of the project says otherwise
    "AUTH_SIGNING_KEY": secrets.token_hex(32),
    "EMAIL_BACKEND": "smtp",
    "EMAIL_LINK_URL": "https://www.example.com",
    "REDIS_URL": "redis://127.0.0.1:1/0",  # an outage: it serves all the same
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def postgresql_of(
    project: Path, folder: Path, python: Sequence[str | Path] = ("uv", "run", "python")
) -> Iterator[str]:
    """Run the PostgreSQL of a project in a new folder until the block ends."""
    folder.mkdir()
    with subprocess.Popen(
        [*python, "-c", SERVE_POSTGRESQL, folder],
        cwd=project,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        yield process.stdout.readline().strip()
        process.communicate("stop\n", timeout=30)
