"""The service in processes of its own, as ``python -m app.serve`` starts them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx2

PATIENCE = 60  # seconds, on a busy machine


class Server:
    """A server that listens on a port of its own and logs to a file."""

    def __init__(self, module: str, log: Path, **variables: str) -> None:
        self._log = log
        environment = {
            "APP_DRAIN_TIME": "0",
            "LOG_FORMAT": "json",
            "SERVER_HOST": "127.0.0.1",
            "SERVER_PORT": "0",
        }
        with log.open("wb") as file:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", module],
                env=os.environ | environment | variables,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        self.url = ""
        self.wait_until(self._tells_its_url)

    def wait_until_ready(self) -> None:
        """Wait until it takes requests."""
        self.wait_until(self._is_ready)

    def client(self) -> httpx2.Client:
        """Return a client."""
        return httpx2.Client(base_url=self.url, timeout=PATIENCE)

    def lines(self) -> list[dict[str, Any]]:
        """Return what it has logged; a line that is being written is left out."""
        complete = self._log.read_text().rpartition("\n")[0]
        return [json.loads(text) for text in complete.splitlines() if text[:1] == "{"]

    def says(self, message: str) -> bool:
        """Tell whether it has logged something that begins like this."""
        return any(line["message"].startswith(message) for line in self.lines())

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def terminate(self) -> None:
        """Ask it to stop, as orchestrators do."""
        self.send(signal.SIGTERM)

    def wait(self) -> int:
        """Wait for its end, and return its exit code."""
        return self._process.wait(PATIENCE)

    def kill(self) -> None:
        """Leave nothing behind, also when a test failed."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Wait for something that it does."""
        deadline = monotonic() + PATIENCE
        while not is_so():
            assert self._process.poll() is None, self._log.read_text()
            assert monotonic() < deadline, self._log.read_text()
            sleep(0.02)

    def _is_ready(self) -> bool:
        with self.client() as client:
            return client.get("/health/ready").status_code == 200

    def _tells_its_url(self) -> bool:
        for line in self.lines():
            if line["message"].startswith("Uvicorn running on"):
                self.url = line["message"].split()[3]
        return bool(self.url)


@contextmanager
def serving(module: str, log: Path, **variables: str) -> Iterator[Server]:
    """Run a server until the block ends."""
    server = Server(module, log, **variables)
    try:
        yield server
    finally:
        server.kill()
