"""A way to the database that can be shut: connections stay, and nothing passes."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from selectors import EVENT_READ, DefaultSelector
from socket import AF_UNIX, create_connection, socket
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event

from sqlalchemy import URL

from tests.support.background_server import serving

PORT = 5432


class PausableProxy(ThreadingTCPServer):
    """Passes on what it gets, while it is open."""

    daemon_threads = True

    def __init__(self, url: URL) -> None:
        super().__init__(("127.0.0.1", 0), Pipe)
        self.target = url
        port = self.server_address[1]
        here = url.difference_update_query(["host", "port"])
        self.url = here.set(host="127.0.0.1", port=int(port))
        self.is_open = Event()
        self.is_open.set()


class Pipe(BaseRequestHandler):
    """One connection."""

    server: PausableProxy

    def handle(self) -> None:
        """Serve it until one of its ends is closed."""
        with (
            suppress(OSError),
            connect(self.server.target) as target,
            DefaultSelector() as selector,
        ):
            selector.register(self.request, EVENT_READ, target)
            selector.register(target, EVENT_READ, self.request)
            while True:
                for key, _ in selector.select():
                    self.server.is_open.wait()
                    source = self.request if key.data is target else target
                    if not (data := source.recv(65536)):
                        return
                    key.data.sendall(data)


def connect(url: URL) -> socket:
    """Return a connection to a PostgreSQL, as libpq would find it."""
    host = str(url.query.get("host") or url.host or "127.0.0.1")
    port = int(str(url.query.get("port") or url.port or PORT))
    if not host.startswith("/"):
        return create_connection((host, port))
    connection = socket(AF_UNIX)
    connection.connect(f"{host}/.s.PGSQL.{port}")
    return connection


@contextmanager
def pausable_proxy(url: URL) -> Iterator[PausableProxy]:
    """Stand between a database and its clients until the block ends."""
    server = PausableProxy(url)
    with serving(server):
        try:
            yield server
        finally:
            server.is_open.set()
