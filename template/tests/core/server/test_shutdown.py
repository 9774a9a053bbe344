"""SIGTERM to a real server: running requests finish, and no new ones start."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep
from urllib.parse import urlsplit

import httpx2
import pytest

from app.settings import Settings
from tests.support.service_process import Server, serving

pytestmark = pytest.mark.slow

CLIENTS = 4
STORM = 12  # clients that open a connection for each request
AGES = 600  # seconds
SLOW = f"/slow?seconds={AGES}"
BY_FORCE = "The process ends by force; threads given up: "


@pytest.fixture(autouse=True)
def migrated(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the servers a database for which they are ready."""
    url = settings.database.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)


@contextmanager
def slow_server(folder: Path, **variables: str) -> Iterator[Server]:
    """A server with requests that take a while."""
    with serving("tests.support.slow_server", folder / "log", **variables) as server:
        server.wait_until_ready()
        yield server


def ask(server: Server, path: str) -> httpx2.Response:
    """Make a request."""
    with server.client() as client:
        return client.get(path)


def ask_on(server: Server) -> list[httpx2.Response]:
    """Make one request after another, until the server takes no more connections."""
    responses = []
    with server.client() as client:
        while True:
            try:
                responses.append(client.get("/slow?seconds=0.01"))
            except httpx2.TransportError:
                return responses


def begin(
    threads: ThreadPoolExecutor, server: Server, path: str
) -> Future[httpx2.Response]:
    """Make a request that takes ages, and wait until it is served."""
    asked = threads.submit(ask, server, path)
    server.wait_until(lambda: server.says("Begun"))
    return asked


def test_running_requests_finish_after_sigterm(tmp_path: Path) -> None:
    with (  # the server stops before the threads, also when the test fails
        ThreadPoolExecutor(CLIENTS + 1) as threads,
        slow_server(tmp_path, APP_DRAIN_TIME="2") as server,
        server.client() as probe,
    ):
        slow = threads.submit(ask, server, "/slow?seconds=3")
        busy = [threads.submit(ask_on, server) for _ in range(CLIENTS)]
        server.wait_until(lambda: len(served(server)) > CLIENTS)
        assert "connection" not in probe.get("/health/ready").headers
        server.terminate()
        server.wait_until(lambda: probe.get("/health/ready").status_code == 503)
        assert server.wait() == 0
        responses = [response for one in busy for response in one.result()]
    assert slow.result().status_code == 200
    assert {response.status_code for response in responses} == {200}
    assert any(response.headers.get("connection") == "close" for response in responses)
    lines = served(server)
    assert len(lines) == len(responses) + 1
    assert not any("aborted" in line for line in lines)
    worked = sum(line["message"] == "Worked" for line in server.lines())
    assert worked == len(lines)


def served(server: Server) -> list[dict[str, object]]:
    """Return the access log lines of slow requests."""
    return [line for line in server.lines() if line.get("route") == "/slow"]


def open_connections(server: Server, number: int) -> list[bytes]:
    """Ask on one new connection after another, until they are refused.

    Some send their request late; all would be lost if the server did not read it.
    """
    address = urlsplit(server.url)
    request = b"GET /slow?seconds=0 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    responses = []
    with suppress(ConnectionRefusedError):
        while True:
            with socket.create_connection((address.hostname, address.port)) as peer:
                sleep(number % 3 * 0.02)
                try:
                    peer.sendall(request)
                    responses.append(peer.makefile("rb").read(12))
                except OSError as error:
                    responses.append(repr(error).encode())
    return responses


def test_open_connections_are_served_after_sigterm(tmp_path: Path) -> None:
    """Neither connections that are not accepted yet, nor those without a request."""
    with (
        ThreadPoolExecutor(STORM) as threads,
        slow_server(tmp_path, FIRST_REQUEST_TIME="20") as server,
    ):
        asked = [threads.submit(open_connections, server, n) for n in range(STORM)]
        server.wait_until(lambda: len(served(server)) > STORM)
        server.terminate()
        assert server.wait() == 0
        responses = [response for one in asked for response in one.result()]
    assert set(responses) == {b"HTTP/1.1 200"}


def test_requests_beyond_the_stop_timeout_are_503_and_logged(tmp_path: Path) -> None:
    with (
        ThreadPoolExecutor(1) as threads,
        slow_server(tmp_path, SERVER_STOP_TIMEOUT="1") as server,
    ):
        asked = begin(threads, server, SLOW)
        server.terminate()
        assert server.wait() == 0
    response = asked.result()
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert response.json()["detail"] == "The service is stopping."
    assert [line["status"] for line in served(server)] == [503]
    assert server.says("Cancel 1 running task(s)")
    assert not any("exception" in line for line in server.lines())


def read(server: Server, path: str) -> tuple[bytes, Exception | None]:
    """Read a stream until it ends, and return what ended it."""
    received = b""
    with server.client() as client, client.stream("GET", path) as response:
        try:
            for part in response.iter_raw():
                received += part
        except httpx2.TransportError as error:
            return received, error
    return received, None


@pytest.mark.parametrize(
    ("path", "timeout", "is_whole"), [("/events", AGES, True), ("/download", 1, False)]
)
def test_event_streams_end_at_once_and_others_at_the_stop_timeout(
    tmp_path: Path, path: str, timeout: int, *, is_whole: bool
) -> None:
    """Clients of event streams connect again; a client of a download sees it is cut."""
    with (
        ThreadPoolExecutor(1) as threads,
        slow_server(tmp_path, SERVER_STOP_TIMEOUT=str(timeout)) as server,
    ):
        streamed = threads.submit(read, server, path)
        server.wait_until(lambda: server.says("Begun"))
        server.terminate()
        assert server.wait() == 0
    received, error = streamed.result()
    assert b"begun" in received
    assert (error is None) is is_whole
    assert not any("exception" in line for line in server.lines())
    assert server.says(f"A response was cut off: {path}") is not is_whole
    (line,) = (line for line in server.lines() if line.get("route") == path)
    assert line["level"] == "info"


def test_second_signal_stops_a_hanging_process(tmp_path: Path) -> None:
    with (
        ThreadPoolExecutor(1) as threads,
        slow_server(
            tmp_path, APP_DRAIN_TIME=str(AGES), FORCED_EXIT_DELAY="2"
        ) as server,
        server.client() as probe,
    ):
        asked = begin(threads, server, "/hang")
        server.terminate()
        server.wait_until(lambda: probe.get("/health/ready").status_code == 503)
        server.terminate()
        assert server.wait() == 1
    assert asked.result().status_code == 503
    assert server.says(f"{BY_FORCE}1")


def test_process_with_a_hanging_event_loop_ends_by_force(tmp_path: Path) -> None:
    with (
        ThreadPoolExecutor(1) as threads,
        slow_server(tmp_path, SERVER_STOP_TIMEOUT="0", FORCED_EXIT_DELAY="1") as server,
    ):
        asked = begin(threads, server, "/block")
        server.terminate()
        assert server.wait() == 1
    assert isinstance(asked.exception(), httpx2.TransportError)
    assert server.says(BY_FORCE)


def test_sighup_stops_the_process_like_sigterm(tmp_path: Path) -> None:
    """Supervisors can send both: the second signal does not skip the drain."""
    with (
        ThreadPoolExecutor(1) as threads,
        slow_server(tmp_path, APP_DRAIN_TIME="1") as server,
        server.client() as probe,
    ):
        asked = begin(threads, server, "/slow?seconds=2")
        for _ in range(2):
            server.send(signal.SIGHUP)
            server.wait_until(lambda: probe.get("/health/ready").status_code == 503)
        assert server.wait() == 0
    assert asked.result().status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_during_startup_ends_the_process(number: signal.Signals) -> None:
    """The handler is installed before the slow imports."""
    watched = "import sys; sys.modules['uvicorn'] = None\n"  # its import fails
    code = f"{watched}import os, runpy, signal\n"
    code += "try: runpy.run_module('app.serve', run_name='__main__')\n"
    code += f"except ImportError: os.kill(os.getpid(), {int(number)})\n"
    code += "sys.exit(1)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603
