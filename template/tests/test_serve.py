"""What ``python -m app.serve`` makes of those who are no friends."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.server import PATIENCE, Server, serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the settings of a development machine."""
    with serving("app.serve", tmp_path_factory.mktemp("server") / "log") as server:
        yield server


def test_uvicorn_believes_nobody_who_says_whom_they_ask_for(server: Server) -> None:
    with server.client() as client:
        client.get("/nowhere", headers={"X-Forwarded-For": "192.0.2.7"})
    server.wait_until(lambda: server.says("GET unmatched 404"))
    lines = [line for line in server.lines() if "client" in line]
    assert {line["client"] for line in lines} == {"127.0.0.1"}


def test_what_is_no_http_is_refused(server: Server) -> None:
    """By uvicorn, so that none of our headers are there."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port), PATIENCE) as peer:
        peer.sendall(b"EHLO example.com\r\n\r\n")
        answer = peer.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"x-content-type-options" not in answer.lower()
