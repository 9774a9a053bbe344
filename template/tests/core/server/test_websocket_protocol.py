"""WebSockets and streams of ``python -m app.serve``."""

import socket as sockets
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.support.service_process import PATIENCE, Server, serving

pytestmark = pytest.mark.slow

MODULE = "tests.support.websocket_server"
SECRET = "c2VjcmV0"  # noqa: S105


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with WebSockets and small limits."""
    log = tmp_path_factory.mktemp("server") / "log"
    limits = {"LIMITS_MAX_MESSAGE_SIZE": "1000", "LIMITS_DEADLINE": "2"}
    with serving(MODULE, log, **limits) as server:
        yield server


def url(server: Server, name: str) -> str:
    return f"ws://{urlsplit(server.url).netloc}/api/sockets/{name}"


def ended(server: Server, message: str) -> bool:
    return server.says(f"WEBSOCKET /api/sockets/{message}")


def test_messages_and_close_codes_arrive(server: Server) -> None:
    with connect(url(server, "echo"), compression=None) as socket:
        socket.send("x" * 1000)
        assert socket.recv(PATIENCE) == "x" * 1000
        socket.close(4321)
    server.wait_until(lambda: ended(server, "echo 4321"))
    with connect(url(server, "clock")) as socket:  # it does not receive the end
        assert socket.recv(PATIENCE) == "tick"
        socket.close(4322)
    server.wait_until(lambda: ended(server, "clock 4322"))


def claim_a_long_frame(socket: ClientConnection) -> None:
    """Send the head of a frame of 4 EiB, and no more."""
    socket.socket.sendall(b"\x81\xff" + (2**62).to_bytes(8) + b"mask")


@pytest.mark.parametrize(
    ("send", "code"),
    [
        (lambda socket: socket.send("x" * 1001), 1009),
        (lambda socket: socket.send("x" * 2 * 2**20), 1009),
        (lambda socket: socket.send(repeat("x" * 100)), 1009),
        (lambda socket: socket.send(repeat("")), 1008),
        (claim_a_long_frame, 1009),
    ],
    ids=["long", "2 MiB", "fragments", "empty fragments", "frame of 4 EiB"],
)
def test_message_above_the_limit_closes_the_websocket(
    server: Server, send: Callable[[ClientConnection], None], code: int
) -> None:
    """Its client may send too much to receive the code."""
    before = len(server.lines())
    with connect(url(server, "echo")) as socket, pytest.raises(ConnectionClosed):
        send(socket)
        socket.recv(PATIENCE)
    message = f"WEBSOCKET /api/sockets/echo {code}"
    server.wait_until(
        lambda: message in [line["message"] for line in server.lines()[before:]]
    )


def test_client_that_reads_or_sends_no_more_is_disconnected(server: Server) -> None:
    flood = connect(url(server, "flood"), max_queue=1, close_timeout=0.1)
    echo = connect(url(server, "echo"))
    with flood, echo:
        echo.socket.shutdown(sockets.SHUT_WR)
        server.wait_until(lambda: ended(server, "echo 1005"))
        server.wait_until(lambda: ended(server, "flood 1005"))


def test_burst_of_messages_arrives_in_order(server: Server) -> None:
    """More than the server parses at once."""
    messages = [f"{number} {'x' * 20}" for number in range(1000)]
    with connect(url(server, "echo"), compression=None) as socket:
        for message in messages:
            socket.send(message)
        assert [socket.recv(PATIENCE) for _ in messages] == messages


def test_flood_of_pings_closes_the_websocket(server: Server) -> None:
    with connect(url(server, "echo")) as socket, pytest.raises(ConnectionClosed):
        for _ in range(100_000):
            socket.ping()
    server.wait_until(lambda: ended(server, "echo 1008"))
    with server.client() as client:
        assert client.get("/health/live").status_code == 200


def test_refused_handshake_is_no_error(server: Server) -> None:
    for path in ("nothing", f"nothing?secret={SECRET}"):
        with pytest.raises(InvalidStatus) as refused, connect(url(server, path)):
            pass
        assert refused.value.response.status_code == 404
    server.wait_until(lambda: server.says("GET unmatched 404"))
    assert {line["level"] for line in server.lines()} == {"info"}
    assert SECRET not in str(server.lines())


def test_shutdown_closes_all_websockets(tmp_path: Path) -> None:
    """Endpoints may read, send or sleep: all end in time, without errors in the log."""
    names = ("echo", "clock", "sleep")
    with serving(MODULE, tmp_path / "log", SERVER_STOP_TIMEOUT="1") as server:
        sockets = [connect(url(server, name)) for name in names for _ in range(5)]
        server.terminate()
        for socket in sockets:
            with pytest.raises(ConnectionClosed) as closed, socket:
                while True:
                    socket.recv(PATIENCE)
            assert closed.value.rcvd
            assert closed.value.rcvd.code == 1012
        assert server.wait() == 0
        lines = server.lines()
    codes = [line["close_code"] for line in lines if "close_code" in line]
    assert codes == [1012] * len(sockets)
    assert not [line for line in lines if "exception" in line]


def test_stream_that_awaits_the_stop_ends_completely(tmp_path: Path) -> None:
    with (
        serving(MODULE, tmp_path / "log") as server,
        server.client() as client,
        client.stream("GET", "/api/sockets/lines") as response,
    ):
        lines = response.iter_lines()
        assert next(lines) == '"begun"'
        server.terminate()
        assert [*lines] == ['"done"']
        assert server.wait() == 0
        assert not [line for line in server.lines() if line["level"] != "info"]
