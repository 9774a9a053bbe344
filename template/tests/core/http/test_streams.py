"""Streams: their log lines, HEAD and ranges."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.settings import Settings
from tests.support import streams
from tests.support.log_file import LogFile
from tests.support.streams import Gate, leaving, streaming

ACCESS = "app.core.logging.access_log"


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[TestClient]:
    """A client of an application with streams."""
    with streaming(settings, Gate()) as client:
        yield client


def test_client_that_leaves_is_no_warning(client: TestClient, log: LogFile) -> None:
    leaving(client).get("/streams/endless")
    line = log.line(ACCESS)
    assert (line["level"], line["aborted"]) == ("info", True)


def test_stream_that_fails_is_an_error(client: TestClient, log: LogFile) -> None:
    client.get("/streams/broken")
    assert log.line(ACCESS)["aborted"]


def test_head_of_an_endless_stream_ends(client: TestClient) -> None:
    response = client.head("/streams/endless")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"].startswith("text/event-stream")


def test_file_is_served_in_ranges(client: TestClient) -> None:
    response = client.get("/streams/file", headers={"Range": "bytes=3-9"})
    assert response.status_code == 206
    assert response.content == Path(streams.__file__).read_bytes()[3:10]
