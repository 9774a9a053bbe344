"""Large bodies, streams and WebSockets: memory and places stay bounded."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import httpx2
import psutil
import pytest

from tests.production import wait_until
from tests.resilience.service import ITEMS, Service, new_item

# Only with accounts there are strangers.
pytestmark = [pytest.mark.variants(auth="jwt"), pytest.mark.usefixtures("unharmed")]

MIB = 2**20
LARGE = 200  # MiB
STREAMS = 220  # more than there may be requests at a time, and less than connections
HANDSHAKES = 753
BOUND = 64 * MIB
UPGRADE = (
    b"GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@pytest.fixture
def service(unlimited: Service) -> Service:
    """A service whose rate limits are never reached."""
    return unlimited


def body(size: int) -> Iterator[bytes]:
    """Yield so many MiB."""
    piece = b"x" * MIB
    return (piece for _ in range(size))


def memory(service: Service) -> int:
    return int(psutil.Process(service.pid).memory_info().rss)


def connect(service: Service, sent: bytes) -> socket.socket:
    peer = socket.create_connection(("127.0.0.1", service.port), 60)
    peer.sendall(sent)
    return peer


def test_large_bodies_need_no_memory(service: Service, client: httpx2.Client) -> None:
    before = memory(service)
    assert client.post("/upload", content=body(LARGE)).json() == LARGE * MIB
    with client.stream("GET", "/download", params={"size": LARGE}) as response:
        assert sum(map(len, response.iter_raw())) == LARGE * MIB
    assert memory(service) < before + BOUND


@pytest.mark.parametrize("path", ["/upload", "/file"])
def test_body_of_a_stranger_is_not_read(service: Service, path: str) -> None:
    """They get 401 before they have sent it, and nothing is stored."""
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {LARGE * MIB}\r\n"
    form = "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
    with connect(service, f"{head}{form}".encode()) as peer:
        assert peer.recv(12) == b"HTTP/1.1 401"


def test_open_streams_leave_room_for_requests(
    service: Service, client: httpx2.Client
) -> None:
    request = b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(STREAMS):
            peer = stack.enter_context(connect(service, request))
            assert peer.recv(12) == b"HTTP/1.1 200"
        assert client.post(ITEMS, json=new_item()).status_code == 201
    tasks = client.get("/tasks")
    assert tasks.status_code == 200
    wait_until(lambda: int(client.get("/tasks").text) < STREAMS)


def test_handshakes_of_strangers_are_refused(service: Service) -> None:
    before = memory(service)
    for _ in range(HANDSHAKES):
        with connect(service, UPGRADE) as peer:
            assert peer.recv(12) == b"HTTP/1.1 401"
    assert memory(service) < before + BOUND
