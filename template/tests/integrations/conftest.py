"""Ports of broken mail servers."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.mail_server import HOST


@pytest.fixture
def refusing_port() -> int:
    """A port without a server."""
    return 1


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port where a server accepts connections and says nothing."""
    with socket.create_server((HOST, 0)) as server:
        yield server.getsockname()[1]


def hang_up(server: socket.socket) -> None:
    server.accept()[0].close()


@pytest.fixture
def rude_port() -> Iterator[int]:
    """A port where a server closes each connection."""
    with socket.create_server((HOST, 0)) as server, ThreadPoolExecutor(1) as threads:
        threads.submit(hang_up, server)
        yield server.getsockname()[1]
