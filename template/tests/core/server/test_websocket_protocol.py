"""WebSockets of ``python -m app.serve``."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.support.service_process import PATIENCE, Server, serving

pytestmark = pytest.mark.slow

MODULE = "tests.support.websocket_server"
SECRET = "c2VjcmV0"  # noqa: S105


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with WebSockets and small limits."""
    log = tmp_path_factory.mktemp("server") / "log"
    with serving(MODULE, log, LIMITS_MAX_MESSAGE_SIZE="1000") as server:
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


def test_message_above_the_limit_closes_the_websocket(server: Server) -> None:
    with connect(url(server, "echo")) as socket:
        socket.send("x" * 1001)
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(PATIENCE)
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 1009


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
