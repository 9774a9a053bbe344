"""What ``/metrics`` says, for tests to read."""

from collections.abc import Iterator

from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample


def scrape(client: TestClient) -> list[Sample]:
    """Return all samples of an application."""
    response = client.get("/metrics")
    assert response.status_code == 200
    return list(read(response.text))


def read(text: str) -> Iterator[Sample]:
    """Parse the samples of a response."""
    for family in text_string_to_metric_families(text):
        yield from family.samples


def total(samples: list[Sample], name: str, /, **labels: str) -> float:
    """Add up the samples that have these labels."""
    return sum(
        sample.value
        for sample in samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )
