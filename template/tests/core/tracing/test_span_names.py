"""Names of spans of requests."""

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.trace import use_span

from app.settings import Settings

WIDGET = "/api/v1/widgets/{widget_id}"


def name_of(client: TestClient, method: str, path: str, body: bytes = b"") -> str:
    """Return the name that a request gives to its span."""
    span = TracerProvider().get_tracer("test").start_span("HTTP")
    with use_span(span):
        client.request(method, path, content=body)
    assert isinstance(span, ReadableSpan)
    assert str((span.attributes or {}).get("http.route", "")) in span.name
    return span.name


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/api/v1/widgets/7", f"GET {WIDGET}"),
        ("HEAD", "/api/v1/widgets/7", f"HEAD {WIDGET}"),
        ("GET", "/health/live", "GET /health/live"),
        ("GET", "/openapi.json", "GET /openapi.json"),
        ("PUT", "/api/v1/widgets/7", "HTTP"),
        ("GET", "/nowhere", "HTTP"),
    ],
)
def test_spans_are_named_by_route(
    client: TestClient, method: str, path: str, name: str
) -> None:
    assert name_of(client, method, path) == name


def test_refused_request_has_the_name_of_its_route(
    client: TestClient, settings: Settings
) -> None:
    body = b" " * (settings.limits.max_body_size + 1)
    assert name_of(client, "POST", "/api/v1/widgets", body) == "POST /api/v1/widgets"
