"""Metrics of streams, apart from those of requests."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.settings import Settings
from tests.support.metrics import scrape, total
from tests.support.streams import Gate, leaving, open_stream, streaming

OPEN = "http_streams_open"
ENDED = "http_stream_duration_seconds_count"


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[TestClient]:
    """A client of an application with streams."""
    with streaming(settings, Gate()) as client:
        yield client


def test_open_stream_counts_as_a_stream_and_no_longer_as_a_request(
    settings: Settings,
) -> None:
    with open_stream(settings) as (client, _):
        samples = scrape(client)
    assert total(samples, OPEN) == 1
    assert total(samples, "http_requests_in_progress") == 1  # that of the metrics
    assert total(samples, "http_requests_total", route="/streams/events") == 1


def test_streams_are_counted_by_their_outcome(client: TestClient) -> None:
    client.get("/streams/rows")
    leaving(client).get("/streams/endless")
    client.get("/streams/broken")
    samples = scrape(client)
    for path, outcome in (
        ("rows", "complete"),
        ("endless", "aborted"),
        ("broken", "failed"),
    ):
        labels = {"route": f"/streams/{path}", "outcome": outcome}
        assert total(samples, ENDED, **labels) == 1
    assert total(samples, ENDED) == 3
    assert total(samples, OPEN) == 0
