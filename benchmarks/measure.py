"""Runs inside a rendered project: its service and the bare one take turns.

Prints a line of JSON: microseconds of CPU time per request, a number per round.
"""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import psutil
from app.core.settings import load_settings
from app.factory import create_app
from fastapi.testclient import TestClient
from scripts.migrate import migrate
from scripts.servers import local_servers

HERE = Path(__file__).parent
CONNECTIONS = 8
PATIENCE = 20  # seconds
EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    """Return when somebody takes connections there."""
    deadline = time.monotonic() + PATIENCE
    with socket.socket() as client:
        while client.connect_ex(("127.0.0.1", port)):
            assert time.monotonic() < deadline
            time.sleep(0.05)


class Server:
    """A process that serves an application on a free port, and logs to a file."""

    def __init__(self, app: str, folder: Path, *options: str) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "uvicorn", app, f"--port={self.port}"]
        with TemporaryFile() as log:
            self._process = subprocess.Popen(
                [*command, *options], cwd=folder, stdout=log, stderr=log
            )
        self.pid = self._process.pid
        self._times = psutil.Process(self.pid).cpu_times

    def wait(self) -> None:
        """Return when it takes connections."""
        wait_for(self.port)

    def stop(self) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait(PATIENCE)

    def cost(self, path: str, headers: list[str], count: int) -> float:
        """Return the CPU time of a request, in microseconds."""
        lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]
        before = self._times()
        asyncio.run(self._ask("\r\n".join(lines).encode(), count))
        after = self._times()
        used = after.user + after.system - before.user - before.system
        return float(used) / count * 1e6

    async def _ask(self, request: bytes, count: int) -> None:
        async def ask() -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            for _ in range(count // CONNECTIONS):
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 200"), head
                length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
                await reader.readexactly(int(length))
            writer.close()

        await asyncio.gather(*(ask() for _ in range(CONNECTIONS)))


@contextmanager
def serving(app: str, folder: Path, *options: str) -> Iterator[Server]:
    """Run a server until the block ends."""
    server = Server(app, folder, *options)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


def prepare() -> tuple[str, list[str]]:
    """Migrate and store an item; returns its path and the headers to read it with."""
    settings = load_settings()
    migrate(settings.database)
    headers = {}
    with TestClient(create_app(settings)) as client:
        if Path("scripts", "create_admin.py").exists():
            command = [sys.executable, "-m", "scripts.create_admin", EMAIL]
            subprocess.run(
                command, input=PASSWORD, text=True, check=True, capture_output=True
            )
            form = {"username": EMAIL, "password": PASSWORD}
            tokens = client.post("/api/v1/auth/token", data=form).json()
            headers["Authorization"] = f"Bearer {tokens['access_token']}"
        item = {"sku": "lamp-1", "name": "Lamp", "description": "Bright"}
        created = client.post("/api/v1/items", json=item, headers=headers)
        assert created.status_code == 201, created.text
    lines = [f"{name}: {value}" for name, value in headers.items()]
    return created.headers["location"], lines


def main(rounds: int, count: int) -> None:
    """Measure both requests on both servers."""
    with ExitStack() as stack:
        stack.enter_context(local_servers())
        path, headers = prepare()
        ours = stack.enter_context(
            serving("app.main:app", Path(), "--no-server-header", "--no-proxy-headers")
        )
        bare = stack.enter_context(serving("bare_app:app", HERE))
        result = {}
        for name, where, sent in (
            ("item", path, headers),
            ("live", "/health/live", []),
        ):
            for server in (ours, bare):  # warm up
                server.cost(where, sent, count)
            result[name] = [
                (ours.cost(where, sent, count), bare.cost(where, sent, count))
                for _ in range(rounds)
            ]
    print(json.dumps(result))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
