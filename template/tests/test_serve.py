"""What ``python -m app.serve`` makes of those who are no friends."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import pytest

from tests.server import PATIENCE, Server, serving

pytestmark = pytest.mark.slow

GET = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"
CHUNKED = b"POST /nowhere HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
UPGRADE = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n"
PIECE = 100_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the settings of a development machine, that waits for nobody."""
    log = tmp_path_factory.mktemp("server") / "log"
    impatience = {"API_DEADLINE": "2", "SERVER_KEEP_ALIVE": "2"}
    impatience["API_MAX_CONCURRENCY"] = "1"
    folder = str(tmp_path_factory.mktemp("metrics"))
    several = {"WEB_CONCURRENCY": "four", "PROMETHEUS_MULTIPROC_DIR": folder}
    with serving("app.serve", log, **impatience, **several) as server:
        yield server
    assert not any(Path(folder).iterdir())


@contextmanager
def connected(server: Server) -> Iterator[socket.socket]:
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), PATIENCE) as peer:
        yield peer


def head(answers: BinaryIO) -> bytes:
    """Read an answer, and return how it begins."""
    lines = b"".join(iter(answers.readline, b"\r\n"))
    length = re.search(rb"content-length: (\d+)", lines)
    assert length
    answers.read(int(length[1]))
    return lines


def status(server: Server, path: str = "/health/live") -> int:
    with server.client() as client:
        return client.get(path).status_code


def test_uvicorn_believes_nobody_who_says_whom_they_ask_for(server: Server) -> None:
    with server.client() as client:
        client.get("/nowhere", headers={"X-Forwarded-For": "192.0.2.7"})
    server.wait_until(lambda: server.says("GET unmatched 404"))
    lines = [line for line in server.lines() if "client" in line]
    assert {line["client"] for line in lines} == {"127.0.0.1"}


def test_it_is_one_process_whatever_the_platform_asks_for(server: Server) -> None:
    told = [line["message"] for line in server.lines() if "one process" in str(line)]
    assert [message.split()[0] for message in told] == [
        "WEB_CONCURRENCY",
        "PROMETHEUS_MULTIPROC_DIR",
    ]
    with server.client() as client:
        assert "http_requests_total" in client.get("/metrics").text


def test_what_is_not_safe_ends_it_with_a_list() -> None:
    unsafe = {"APP_ENVIRONMENT": "production", "API_CORS_ORIGINS": "http://example.com"}
    ended = subprocess.run(
        [sys.executable, "-m", "app.serve"],
        env=os.environ | unsafe,
        capture_output=True,
        check=False,
        text=True,
    )
    assert ended.returncode == 1
    assert "  API_CORS_ORIGINS: trusts pages that come over http\n" in ended.stderr


def test_it_starts_with_stdout_closed() -> None:
    command = [sys.executable, "-c", "import app.main"]
    shell = ["sh", "-c", 'exec "$@" >&-', "sh", *command]
    ended = subprocess.run(shell, capture_output=True, check=False, text=True)  # noqa: S603
    assert (ended.returncode, ended.stderr) == (0, "")


def test_what_is_no_http_is_refused(server: Server) -> None:
    """By uvicorn, so that none of our headers are there."""
    with connected(server) as peer:
        peer.sendall(b"EHLO example.com\r\n\r\n")
        answer = peer.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"x-content-type-options" not in answer.lower()


# --- Connections that bring no request, or take no answer ----------------------------
@pytest.mark.parametrize(
    ("begin", "go_on"),
    [
        (b"GET /", b"x" * PIECE),
        (GET + b"X-Long: ", b"x" * PIECE),
        (GET, b"X-Many: x\r\n" * (PIECE // 10)),
        (CHUNKED + b"0\r\n", b"X-Trailer: x\r\n" * (PIECE // 14)),
        (CHUNKED + b"1;", b"x" * PIECE),
    ],
    ids=["URL", "header", "headers", "trailers", "extension of a chunk"],
)
def test_what_goes_on_for_ever_is_cut_off(
    server: Server, begin: bytes, go_on: bytes
) -> None:
    with connected(server) as peer:
        peer.sendall(begin)
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            for _ in range(1000):
                peer.sendall(go_on)
    assert status(server) == 200


def test_a_long_head_is_refused(server: Server) -> None:
    """If the client stops to listen, it is told why."""
    with connected(server) as peer:
        peer.sendall(GET + b"X-Long: " + b"x" * 50_000)
        assert peer.makefile("rb").read().startswith(b"HTTP/1.1 431 ")


def test_connections_do_not_wait_for_ever(
    server: Server, subtests: pytest.Subtests
) -> None:
    """For nothing at all, the rest of a head, or the rest of a body nobody reads."""
    begun = {
        "nothing": b"",
        "half a head": GET,
        "half a second head": GET + b"\r\n" + GET,
        "half a body": CHUNKED + b"5\r\n1",
    }
    with ExitStack() as stack:
        peers = {name: stack.enter_context(connected(server)) for name in begun}
        for name, peer in peers.items():
            peer.sendall(begun[name])
        for name, peer in peers.items():
            with subtests.test(name):
                answer = peer.makefile("rb").read()
                assert answer.count(b"HTTP/1.1 ") == (b"\r\n\r\n" in begun[name])
    assert status(server) == 200


def test_requests_are_not_collected(server: Server) -> None:
    with connected(server) as peer:
        peer.sendall((GET + b"\r\n") * 50)
        answers = peer.makefile("rb")
        assert all(b" 200 " in head(answers) for _ in range(50))
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            for _ in range(1000):
                peer.sendall((GET + b"\r\n") * (PIECE // 40))
    assert status(server) == 200


def test_nobody_waits_for_those_who_take_no_answer(server: Server) -> None:
    """They have the only place of the service, until they lose it."""
    with connected(server) as peer:

        def is_busy() -> bool:
            peer.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 10)
            return status(server, "/nowhere") == 503

        server.wait_until(is_busy)  # the kernel keeps megabytes
        server.wait_until(lambda: status(server, "/nowhere") == 404)


def test_nothing_follows_an_upgrade_that_is_not_made(server: Server) -> None:
    """The parser reads no more: whoever would wait for an answer is told."""
    with connected(server) as peer:
        peer.sendall(GET + UPGRADE)
        answer = peer.makefile("rb").read().lower()
    assert answer.startswith(b"http/1.1 200 ")
    assert b"connection: close" in answer
