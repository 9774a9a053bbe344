"""Large bodies, streams and WebSockets: memory and places stay bounded."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from select import select

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
SLOW = 60  # uploads: more than a fourth of the places of requests, which one client has
PLACES = 50
UNREAD = 10  # streams, each of which holds a piece of a MiB or two, and WebSockets
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


def test_slow_uploads_leave_places_to_requests(
    service: Service, client: httpx2.Client
) -> None:
    """A body that arrives byte by byte may take any time, but not all at once."""
    head = f"POST /upload HTTP/1.1\r\nHost: x\r\n{login(client)}"
    with ExitStack() as stack:
        peers = [
            stack.enter_context(
                connect(service, f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
            )
            for _ in range(SLOW)
        ]
        refused: set[socket.socket] = set()
        while len(refused) < SLOW - PLACES:
            for peer in {*peers} - refused:
                peer.sendall(b"1\r\nx\r\n")
            refused |= {*select({*peers} - refused, [], [], 0.2)[0]}
        assert client.post(ITEMS, json=new_item()).status_code == 201
        for peer in {*peers} - refused:
            peer.sendall(b"0\r\n\r\n")
        starts = [peer.recv(12) for peer in peers]
    assert starts.count(b"HTTP/1.1 200") == PLACES
    assert starts.count(b"HTTP/1.1 503") == SLOW - PLACES


def test_clients_that_close_half_of_a_connection_hold_nothing(
    service: Service, client: httpx2.Client
) -> None:
    upload = f"POST /upload HTTP/1.1\r\nHost: x\r\n{login(client)}"
    events = "GET /events HTTP/1.1\r\nHost: x\r\n\r\n"
    for sent in (
        f"{upload}Content-Length: 9\r\n\r\nhalf".encode(),
        events.encode(),
        upgrade_of(client),
    ):
        with connect(service, sent) as peer:
            peer.shutdown(socket.SHUT_WR)
            with suppress(ConnectionResetError):
                while peer.recv(65536):  # until the server ends it
                    pass


def test_clients_that_do_not_read_need_no_memory(
    service: Service, client: httpx2.Client
) -> None:
    download = f"GET /download?size={LARGE} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    frame = b"\x81\xfe" + (60_000).to_bytes(2) + bytes(4) + b"x" * 60_000
    before = memory(service)
    with ExitStack() as stack:
        for _ in range(UNREAD):
            peer = stack.enter_context(connect(service, download))
            assert peer.recv(12) == b"HTTP/1.1 200"
            peer = stack.enter_context(connect(service, upgrade_of(client)))
            assert peer.recv(12) == b"HTTP/1.1 101"
            peer.settimeout(0.05)
            with suppress(TimeoutError):  # the server reads no more either
                for _ in range(10 * LARGE):
                    peer.sendall(frame)
                raise AssertionError("The server reads what it cannot send back")
        assert client.post(ITEMS, json=new_item()).status_code == 201
        assert memory(service) < before + BOUND


def login(client: httpx2.Client) -> str:
    """Return the line of a head that says who sends a request."""
    return f"Authorization: {client.headers['Authorization']}\r\n"


def upgrade_of(client: httpx2.Client) -> bytes:
    """Return the handshake of a user."""
    return UPGRADE.replace(b"\r\n\r\n", f"\r\n{login(client)}\r\n".encode())
