"""Invalid requests are rejected, and other clients are not affected."""

import re
import socket
from contextlib import ExitStack, suppress

import httpx2
import pytest

from tests.resilience.abuses import BODIES, CHUNKED, FIELDS, GET, LAST, SEQUENCES, WORD
from tests.resilience.service import ITEMS, Service

# The server is the same in all variants, but only login accepts forms.
pytestmark = [pytest.mark.variants(auth="jwt"), pytest.mark.usefixtures("unharmed")]


@pytest.fixture
def service(unlimited: Service) -> Service:
    """A service whose rate limits are never reached."""
    return unlimited


def connect(service: Service) -> socket.socket:
    return socket.create_connection(("127.0.0.1", service.port), 60)


def statuses_of(peer: socket.socket, sent: bytes) -> list[int]:
    """Send all of it, and return the statuses until the connection ends."""
    received = b""
    with suppress(ConnectionResetError, BrokenPipeError):
        peer.sendall(sent)
    with suppress(ConnectionResetError):
        while data := peer.recv(65536):
            received += data
    found = re.findall(rb"HTTP/1.1 (\d+) ", received)
    return [int(status) for status in found]


def test_what_is_not_clear_is_refused(
    service: Service, subtests: pytest.Subtests
) -> None:
    """And nothing that follows on its connection is read as another request."""
    for name, (sent, statuses) in SEQUENCES.items():
        with subtests.test(name), connect(service) as peer:
            assert statuses_of(peer, sent + LAST) == statuses


def test_half_of_a_connection(service: Service) -> None:
    """A client may have nothing more to say, and still listen.

    Of a body that breaks off, either the path or the end is seen first.
    """
    for sent, expected in (
        (GET + b"\r\n", [[200]]),
        (GET, [[]]),
        (CHUNKED + b"5\r\n", [[404], []]),
    ):
        with connect(service) as peer:
            peer.sendall(sent)
            peer.shutdown(socket.SHUT_WR)
            assert statuses_of(peer, b"") in expected


def test_absurd_bodies(client: httpx2.Client, subtests: pytest.Subtests) -> None:
    """They are refused in few words, and none of theirs."""
    forms = {"Content-Type": "application/x-www-form-urlencoded"}
    texts = {"Content-Type": "application/json"}
    requests = [(ITEMS, texts, *one) for one in BODIES.items()]
    requests += [("/api/v1/auth/token", forms, *one) for one in FIELDS.items()]
    for path, headers, name, (content, status) in requests:
        with subtests.test(name):
            response = client.post(path, content=content, headers=headers)
            assert response.status_code == status
            assert len(response.content) < 10_000
            assert WORD not in response.text


def test_those_who_go(service: Service, client: httpx2.Client) -> None:
    """In the middle of a request, or of a response."""
    key = client.headers["Authorization"].encode()
    head = b" /api/v1/items HTTP/1.1\r\nHost: x\r\nAuthorization: " + key
    upload = b"\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    for sent in (b"POST" + head + upload, b"GET" + head + b"\r\n\r\n", GET):
        for _ in range(100):
            with connect(service) as peer:
                peer.sendall(sent)


def test_a_thousand_who_say_nothing(service: Service) -> None:
    with ExitStack() as stack:
        for number in range(1000):
            peer = stack.enter_context(connect(service))
            peer.sendall(b"" if number % 2 else GET)
        assert service.is_alive()
