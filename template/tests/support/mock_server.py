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
class Asked:
    """A request that has arrived; ``connection`` is the port it came from."""

    method: str
    path: str
    headers: Headers
    body: bytes
    connection: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A prepared response."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"rate": "1.25"}'
    pause: float = 0  # seconds before each byte of the body
    held: bool = False  # until the test releases it


HANG_UP = Answer(status=0)
SILENCE = Answer(status=1)  # until the client hangs up
DRIP = Answer(status=2, pause=0.02)  # a head that never ends


class MockServer(ThreadingHTTPServer):
    """Sends the responses of a test in order, and then always ``Answer()``."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.answers: list[Answer] = []
        self.asked: list[Asked] = []
        self.arrived: Queue[Asked] = Queue()
        self.closed: Queue[int] = Queue()  # connections
        self.released = Event()


class Handler(BaseHTTPRequestHandler):
    """Serves one connection."""

    protocol_version = "HTTP/1.1"
    timeout = PATIENCE
    disable_nagle_algorithm = True
    server: MockServer

    def answer(self) -> None:
        """Record a request and send the next response."""
        self.keep()
        answer = self.server.answers.pop(0) if self.server.answers else Answer()
        if answer.held:
            self.server.released.wait(PATIENCE)
        if answer == DRIP:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Endless: ")
            self.say(Answer(body=b"x" * 1000, pause=answer.pause))
            return
        if answer in (HANG_UP, SILENCE):
            self.rfile.read(answer.status)
            self.close_connection = True
            return
        self.send_response(answer.status)
        length = {"Content-Length": str(len(answer.body))}
        for name, value in {**length, **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.say(answer)

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = answer  # noqa: N815
    do_PATCH = do_POST = do_PUT = answer  # noqa: N815

    def keep(self) -> None:
        """Remember a request."""
        length = int(self.headers.get("Content-Length", 0))
        asked = Asked(
            self.command,
            self.path,
            Headers(self.headers.items()),
            self.rfile.read(length),
            self.client_address[1],
        )
        self.server.asked.append(asked)
        self.server.arrived.put(asked)

    def say(self, answer: Answer) -> None:
        """Send a body until the client disconnects."""
        if self.command == "HEAD":
            return
        size = 1 if answer.pause else len(answer.body) or 1
        with suppress(OSError):
            for start in range(0, len(answer.body), size):
                self.server.released.wait(answer.pause)
                self.wfile.write(answer.body[start : start + size])

    def finish(self) -> None:
        """Tell that the connection is no more."""
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
