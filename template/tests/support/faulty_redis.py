"""A Redis that responds to each command with the same error."""

from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer

from tests.support.background_server import serving

# What is hard to provoke in a real server.
ERRORS = [
    "ASK 1 127.0.0.1:1",
    "BUSY A script is running",
    "CLUSTERDOWN The cluster is down",
    "CROSSSLOT Keys do not hash to the same slot",
    "LOADING The dataset is being loaded",
    "MASTERDOWN The link with the primary is down",
    "MISCONF Snapshots cannot be saved",
    "MOVED 1 127.0.0.1:1",
    "NOREPLICAS There are not enough replicas",
    "TRYAGAIN A slot is being moved",
]
# What a client sends when it connects; each server responds to it.
HANDSHAKE = {
    b"HELLO": b"%1\r\n$5\r\nproto\r\n:3\r\n",
    b"CLIENT": b"+OK\r\n",
    b"SELECT": b"+OK\r\n",
}


class FaultyRedis(ThreadingTCPServer):
    """A server on a free port."""

    daemon_threads = True

    def __init__(self, error: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.response = f"-{error}\r\n".encode()


class Handler(StreamRequestHandler):
    """Serves one connection."""

    server: FaultyRedis

    def handle(self) -> None:
        """Read commands, which are arrays of strings, until the client hangs up."""
        while line := self.rfile.readline():
            command = [self._read_string() for _ in range(int(line[1:]))]
            response = HANDSHAKE.get(command[0].upper(), self.server.response)
            self.wfile.write(response)

    def _read_string(self) -> bytes:
        size = int(self.rfile.readline()[1:])
        return self.rfile.read(size + len(b"\r\n"))[:size]


@contextmanager
def faulty_redis(error: str) -> Iterator[str]:
    """Run a server with this error and return its URL."""
    server = FaultyRedis(error)
    with serving(server):
        yield f"redis://127.0.0.1:{server.server_address[1]}/0"
