"""A mock of another service: sends prepared responses and records requests."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Event

from httpx2 import Headers

from tests.support.background_server import serving

PATIENCE = 10  # seconds until a failing test ends


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request that has arrived; ``connection`` is the port it came from."""

    method: str
    path: str
    headers: Headers
    body: bytes
    connection: int


@dataclass(frozen=True, slots=True)
class MockResponse:
    """A prepared response."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"rate": "1.25"}'
    pause: float = 0  # seconds before each byte of the body
    held: bool = False  # until the test releases it


HANG_UP = MockResponse(status=0)
SILENCE = MockResponse(status=1)  # until the client hangs up
DRIP = MockResponse(status=2, pause=0.02)  # a head that never ends


class MockServer(ThreadingHTTPServer):
    """Sends the responses of a test in order, and then always ``MockResponse()``."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.responses: list[MockResponse] = []
        self.asked: list[RecordedRequest] = []
        self.arrived: Queue[RecordedRequest] = Queue()
        self.closed: Queue[int] = Queue()  # connections
        self.released = Event()


class Handler(BaseHTTPRequestHandler):
    """Serves one connection."""

    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    disable_nagle_algorithm = True
    server: MockServer

    def respond(self) -> None:
        """Record a request and send the next response."""
        self.keep()
        prepared = self.server.responses
        response = prepared.pop(0) if prepared else MockResponse()
        if response.held:
            self.server.released.wait(PATIENCE)
        if response == DRIP:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Endless: ")
            self.say(MockResponse(body=b"x" * 1000, pause=response.pause))
            return
        if response in (HANG_UP, SILENCE):
            self.rfile.read(response.status)
            self.close_connection = True
            return
        self.send_response(response.status)
        length = {"Content-Length": str(len(response.body))}
        for name, value in {**length, **response.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.say(response)

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = respond  # noqa: N815
    do_PATCH = do_POST = do_PUT = respond  # noqa: N815

    def keep(self) -> None:
        """Remember a request."""
        length = int(self.headers.get("Content-Length", 0))
        asked = RecordedRequest(
            self.command,
            self.path,
            Headers(self.headers.items()),
            self.rfile.read(length),
            self.client_address[1],
        )
        self.server.asked.append(asked)
        self.server.arrived.put(asked)

    def say(self, response: MockResponse) -> None:
        """Send a body until the client disconnects."""
        if self.command == "HEAD":
            return
        size = 1 if response.pause else len(response.body) or 1
        with suppress(OSError):
            for start in range(0, len(response.body), size):
                self.server.released.wait(response.pause)
                self.wfile.write(response.body[start : start + size])

    def finish(self) -> None:
        """Record that the connection is closed."""
        super().finish()
        self.server.closed.put(self.client_address[1])

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@contextmanager
def mock_server() -> Iterator[MockServer]:
    """Run one until the block ends."""
    server = MockServer()
    with serving(server):
        try:
            yield server
        finally:
            server.released.set()
