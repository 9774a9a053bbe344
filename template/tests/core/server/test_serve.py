"""``python -m app.serve`` with invalid, slow and hostile clients."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import sleep
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import pytest

from tests.support.metrics import read, total
from tests.support.service_process import PATIENCE, Server, serving

pytestmark = pytest.mark.slow

GET = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"
CHUNKED = b"POST /nowhere HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
PIECE = 100_000
ENDED = "Connections were refused or ended early"

ECHO = b"POST /echo HTTP/1.1\r\nHost: x\r\n"
LENGTH = b"Content-Length: 4\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
# Of other protocols, which clients propose and servers may ignore.
OFFERS = {
    "h2c": b"Connection: Upgrade,HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings:\r\n",
    "TLS": b"Upgrade: TLS/1.0\r\nConnection: Upgrade\r\n",
    "WebSocket": b"Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n",
    "several": b"Connection: upgrade\r\nUpgrade: h2c, foo/2\r\nUpgrade: bar\r\n",
    "none": b"",
}
# The packets of a request with the body "body", and how many responses there are.
FRAMINGS = {
    "one packet": ([LENGTH + b"body"], 1),
    "two packets": ([LENGTH, b"body"], 1),
    "many packets": ([b"X: y\r\n", LENGTH[:-1], b"\n", b"b", b"ody"], 1),
    "chunked": ([b"Transfer-Encoding: chunked\r\n\r\n4\r\nbo", b"dy\r\n0\r\n\r\n"], 1),
    "another behind": ([LENGTH + b"body" + GET + b"\r\n"], 2),
}
NO_HOST = b"GET /health/live HTTP/1.1\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A development server with short timeouts and small limits."""
    log = tmp_path_factory.mktemp("server") / "log"
    impatience = {"LIMITS_DEADLINE": "2", "SERVER_KEEP_ALIVE": "2"}
    impatience["LIMITS_MAX_CONCURRENCY"] = "1"
    impatience["SERVER_MAX_CLIENT_CONNECTIONS"] = "20"
    with serving("tests.support.echo_server", log, **impatience) as server:
        yield server


@contextmanager
def connected(server: Server) -> Iterator[socket.socket]:
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), PATIENCE) as peer:
        yield peer


def head(responses: BinaryIO) -> bytes:
    """Read a response, and return its head."""
    lines = b"".join(iter(responses.readline, b"\r\n"))
    length = re.search(rb"content-length: (\d+)", lines)
    assert length
    responses.read(int(length[1]))
    return lines


def content(responses: BinaryIO) -> Any:  # noqa: ANN401
    """Read a response with JSON, and return it."""
    lines = b"".join(iter(responses.readline, b"\r\n"))
    assert lines.startswith(b"HTTP/1.1 200 ")
    length = re.search(rb"content-length: (\d+)", lines)
    assert length
    return json.loads(responses.read(int(length[1])))


def metric(server: Server, name: str, **labels: str) -> float:
    """Return the value of a metric."""
    with server.client() as client:
        samples = list(read(client.get("/metrics").text))
    return total(samples, name, **labels)


def status(server: Server, path: str = "/health/live") -> int:
    with server.client() as client:
        return client.get(path).status_code


def test_uvicorn_ignores_x_forwarded_for(server: Server) -> None:
    with server.client() as client:
        client.get("/nowhere", headers={"X-Forwarded-For": "192.0.2.7"})
    server.wait_until(lambda: server.says("GET unmatched 404"))
    lines = [line for line in server.lines() if "client" in line]
    assert {line["client"] for line in lines} == {"127.0.0.1"}


def test_platform_variables_for_more_processes_are_ignored(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    several = {"WEB_CONCURRENCY": "four", "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    with serving("app.serve", tmp_path / "log", **several) as server:
        texts = [one["message"] for one in server.lines() if "one process" in str(one)]
        assert [text.split()[0] for text in texts] == [*several]
        with server.client() as client:
            assert "http_requests_total" in client.get("/metrics").text
    assert not any(folder.iterdir())


def test_insecure_settings_end_the_process_with_a_list() -> None:
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


def test_application_starts_with_stdout_closed() -> None:
    command = [sys.executable, "-c", "import app.main"]
    shell = ["sh", "-c", 'exec "$@" >&-', "sh", *command]
    ended = subprocess.run(shell, capture_output=True, check=False, text=True)  # noqa: S603
    assert (ended.returncode, ended.stderr) == (0, "")


# --- What is a request ---------------------------------------------------------------
@pytest.mark.parametrize(
    "sent",
    [
        b"EHLO example.com\r\n\r\n",
        b"GET /health/live\r\n\r\n",
        b"GET /health/live HTTP/0.9\r\nHost: x\r\n\r\n",
        b"CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n" + OFFERS["h2c"] + b"\r\n",
        NO_HOST + b"\r\n",
        NO_HOST + b"Host:\r\n\r\n",
        NO_HOST + b"Host: a/b\r\n\r\n",
        NO_HOST + b"Host: a b\r\n\r\n",
        NO_HOST + b"Host: a@b\r\n\r\n",
        NO_HOST + b"Host: a:b\r\n\r\n",
        NO_HOST + b"Host: [::1\r\n\r\n",
        NO_HOST + b"Host: \xff\r\n\r\n",
        NO_HOST + b"Host: x\r\nHost: x\r\n\r\n",
        b"GET /health/live HTTP/1.0\r\nHost: a/b\r\n\r\n",
    ],
)
def test_invalid_http_is_400(server: Server, sent: bytes) -> None:
    with connected(server) as peer:
        peer.sendall(sent + GET + b"\r\n")
        response = peer.makefile("rb").read()
    assert response.count(b"HTTP/1.1 ") == 1
    assert response.startswith(b"HTTP/1.1 400 ")
    assert b"\r\nconnection: close\r\n" in response
    assert b"\r\nx-content-type-options: nosniff\r\n" in response
    assert json.loads(response.partition(b"\r\n\r\n")[2])["status"] == 400


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /health/live HTTP/1.0\r\n\r\n",
        NO_HOST + b"Host: x \r\n\r\n",
        NO_HOST + b"host: API.example.com.:8000\r\n\r\n",
        NO_HOST + b"Host: [2001:db8::1]:80\r\n\r\n",
    ],
)
def test_valid_hosts_are_accepted(server: Server, sent: bytes) -> None:
    with connected(server) as peer:
        peer.sendall(sent)
        assert head(peer.makefile("rb")).startswith(b"HTTP/1.1 200 ")


def test_request_followed_by_invalid_data_is_served(server: Server) -> None:
    with connected(server) as peer:
        peer.sendall(ECHO + LENGTH + b"body" + b"{}\r\n\r\n")
        response = peer.makefile("rb").read()
    assert response.count(b"HTTP/1.1 ") == 1
    assert response.startswith(b"HTTP/1.1 200 ")
    assert b"\r\nconnection: close\r\n" in response


@pytest.mark.parametrize("offer", OFFERS)
@pytest.mark.parametrize("framing", FRAMINGS)
def test_another_protocol_is_declined(server: Server, offer: str, framing: str) -> None:
    """The request is served, and the connection stays (RFC 9110 7.8)."""
    packets, number = FRAMINGS[framing]
    with connected(server) as peer:
        responses = peer.makefile("rb")
        for _ in range(2):
            peer.sendall(ECHO + OFFERS[offer])
            for packet in packets:
                sleep(0.01)
                peer.sendall(packet)
            assert content(responses)["body"] == "body"
            for _ in range(number - 1):
                assert head(responses).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("offer", OFFERS)
def test_another_protocol_is_declined_before_a_body(server: Server, offer: str) -> None:
    with connected(server) as peer:
        responses = peer.makefile("rb")
        peer.sendall(ECHO + OFFERS[offer] + b"Expect: 100-continue\r\n" + LENGTH)
        assert responses.readline() + responses.readline() == CONTINUE
        peer.sendall(b"body")
        assert content(responses)["body"] == "body"


def test_pipelined_offers_of_another_protocol_are_declined(server: Server) -> None:
    with connected(server) as peer:
        peer.sendall((GET + OFFERS["h2c"] + b"\r\n") * 50)
        responses = peer.makefile("rb")
        assert all(b" 200 " in head(responses) for _ in range(50))


def test_trailers_are_dropped(server: Server) -> None:
    """A client cannot choose its IP address or account with a trailer."""
    fields = b"X-Forwarded-For: 192.0.2.7\r\nAuthorization: Bearer x\r\n"
    with connected(server) as peer:
        responses = peer.makefile("rb")
        for _ in range(2):
            chunks = b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n"
            peer.sendall(ECHO + b"X-Real: 1\r\n" + chunks + fields + b"\r\n")
            echo = content(responses)
            assert echo["body"] == "body"
            assert echo["headers"] == {
                "host": "x",
                "x-real": "1",
                "transfer-encoding": "chunked",
            }


def test_a_websocket_outlives_every_timeout(server: Server) -> None:
    handshake = b"GET /socket HTTP/1.1\r\nHost: x\r\n" + OFFERS["WebSocket"] + b"\r\n"
    with connected(server) as peer:
        responses = peer.makefile("rb")
        peer.sendall(GET + b"\r\n")
        assert b" 200 " in head(responses)
        peer.sendall(handshake)
        assert b"".join(iter(responses.readline, b"\r\n")).startswith(b"GET /socket ")
        for _ in range(2):
            sleep(1.5)  # both are 2 seconds
            peer.sendall(b"ping")
            assert responses.read(4) == b"ping"


def test_websocket_behind_an_open_response_is_refused(server: Server) -> None:
    """It would take over the connection that the response needs."""
    with connected(server) as peer:
        peer.sendall(ECHO + LENGTH + b"body" + GET + OFFERS["WebSocket"] + b"\r\n")
        responses = peer.makefile("rb")
        assert content(responses)["body"] == "body"
        assert responses.read() == b""


# --- Connections without a request, or with an unread response -----------------------
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
def test_endless_heads_and_trailers_are_cut_off(
    server: Server, begin: bytes, go_on: bytes
) -> None:
    with connected(server) as peer:
        peer.sendall(begin)
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            for _ in range(1000):
                peer.sendall(go_on)
    assert status(server) == 200


def test_a_long_head_is_refused(server: Server) -> None:
    """A client that stops sending can read the reason."""
    with connected(server) as peer:
        peer.sendall(GET + b"X-Long: " + b"x" * 50_000)
        assert peer.makefile("rb").read().startswith(b"HTTP/1.1 431 ")


def test_idle_and_incomplete_connections_are_closed(
    server: Server, subtests: pytest.Subtests
) -> None:
    """Before a request, within a head, and within a body that is not read."""
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
                response = peer.makefile("rb").read()
                assert response.count(b"HTTP/1.1 ") == (b"\r\n\r\n" in begun[name])
    assert status(server) == 200


def test_number_of_pipelined_requests_is_limited(server: Server) -> None:
    with connected(server) as peer:
        peer.sendall((GET + b"\r\n") * 50)
        responses = peer.makefile("rb")
        assert all(b" 200 " in head(responses) for _ in range(50))
        with pytest.raises(OSError, match=r"reset|Broken pipe"):
            for _ in range(1000):
                peer.sendall((GET + b"\r\n") * (PIECE // 40))
    assert status(server) == 200


def large(size: int) -> bytes:
    return b"GET /large?size=%d HTTP/1.1\r\nHost: x\r\n\r\n" % size


def test_unread_response_holds_no_place(server: Server) -> None:
    """There is one place; requests behind a response that is not taken wait outside."""
    with connected(server) as peer:
        peer.sendall(large(1_000_000) * 90)

        def served() -> int:
            return sum(line.get("route") == "/large" for line in server.lines())

        def is_stuck() -> bool:
            before = served()
            sleep(0.2)
            is_idle = metric(server, "http_requests_in_progress") == 1  # this one
            return is_idle and 0 < before == served() < 90

        server.wait_until(is_stuck)
        assert status(server, "/nowhere") == 404
        server.wait_until(lambda: server.says(f"{ENDED}: unread"))
    assert metric(server, "http_connections_ended_total", reason="unread") > 0


def test_a_slow_reader_gets_the_whole_response(server: Server) -> None:
    """Longer than LIMITS_DEADLINE and SERVER_KEEP_ALIVE, while there is progress."""
    size = 30_000_000
    with connected(server) as peer:
        peer.sendall(large(size))
        response = peer.makefile("rb")
        head_lines = b"".join(iter(response.readline, b"\r\n"))
        assert head_lines.startswith(b"HTTP/1.1 200 ")
        for _ in range(10):  # 5 seconds; both are 2
            size -= len(response.read(1_000_000))
            sleep(0.5)
        assert len(response.read(size)) == size


@contextmanager
def slow_body(server: Server) -> Iterator[tuple[socket.socket, BinaryIO]]:
    """A request whose body the service has begun to wait for."""
    with connected(server) as peer:
        responses = peer.makefile("rb")
        peer.sendall(ECHO + b"Expect: 100-continue\r\n" + LENGTH)
        assert responses.readline() + responses.readline() == CONTINUE
        yield peer, responses


def test_a_slow_body_holds_no_place(server: Server) -> None:
    with slow_body(server) as (_, responses):
        assert status(server, "/nowhere") == 404
        assert b" 408 " in responses.readline()
    assert status(server, "/nowhere") == 404


def test_number_of_late_bodies_is_limited(tmp_path: Path) -> None:
    """One client may have a fourth of all places: here, one late body."""
    one = {"LIMITS_MAX_CONCURRENCY": "1"}
    with (
        serving("tests.support.echo_server", tmp_path / "log", **one) as server,
        slow_body(server) as (first, served),
        slow_body(server) as (_, refused),
        slow_body(server) as (_, also_refused),
    ):
        for responses in (refused, also_refused):
            assert b" 503 " in responses.readline()
            responses.read()
        first.sendall(b"body")
        assert content(served)["body"] == "body"


def test_rejected_large_body_holds_no_place(server: Server) -> None:
    large = b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n"
    with connected(server) as peer:
        peer.sendall(large)
        assert b" 413 " in peer.makefile("rb").readline()
        assert status(server, "/nowhere") == 404


# --- Too many connections, and the metrics of those that end ------------------------
def test_connections_of_a_client_are_limited(server: Server) -> None:
    with ExitStack() as stack:
        peers = [stack.enter_context(connected(server)) for _ in range(60)]
        response = peers[-1].makefile("rb").read().lower()
    assert response.startswith(b"http/1.1 503 ")
    assert b"\r\nretry-after: 1\r\n" in response
    server.wait_until(lambda: status(server) == 200)
    server.wait_until(lambda: server.says(f"{ENDED}: client_limit"))
    assert metric(server, "http_connections_ended_total", reason="client_limit") >= 40
    assert metric(server, "http_connections") >= 1


def test_refusals_are_logged_once_per_minute(server: Server) -> None:
    reason = {"reason": "invalid"}
    before = metric(server, "http_connections_ended_total", **reason)
    for _ in range(10):
        with connected(server) as peer:
            peer.sendall(b"EHLO example.com\r\n\r\n")
            peer.makefile("rb").read()
    assert metric(server, "http_connections_ended_total", **reason) == before + 10
    server.wait_until(lambda: server.says(f"{ENDED}: invalid"))
    lines = [one for one in server.lines() if one["message"] == f"{ENDED}: invalid"]
    assert lines[0]["client"] == "127.0.0.1"
    assert len(lines) < 5  # one for each minute
