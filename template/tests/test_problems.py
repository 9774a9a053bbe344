"""Errors as clients see them."""

import json
from collections.abc import Iterator
from uuid import UUID

import pytest
from fastapi import FastAPI, HTTPException
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient

from app.core.exceptions import AppError
from app.core.settings import Settings
from app.factory import create_app


def test_unknown_route(client: TestClient) -> None:
    response = client.get("/nowhere", headers={"X-Request-ID": "abc-1"})
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"] == "abc-1"
    assert response.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "request_id": "abc-1",
    }


def test_wrong_method(client: TestClient) -> None:
    response = client.put("/api/v1/items")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"
    assert response.json()["title"] == "Method Not Allowed"


@pytest.mark.parametrize("given", ["", "a" * 65, "a b", "é".encode(), "a\tb", "<b>"])
def test_request_id_is_replaced_unless_plain(client: TestClient, given: str) -> None:
    response = client.get("/health/live", headers={"X-Request-ID": given})
    assert UUID(response.headers["x-request-id"]).version == 7


def test_validation_errors_point_at_fields(client: TestClient) -> None:
    body = {"name": "", "sku": "a", "a/b~c": 1}
    response = client.post("/api/v1/items", json=body)
    assert response.json()["type"] == "urn:problem:validation"
    assert {error["pointer"] for error in response.json()["errors"]} == {
        "/name",
        "/a~1b~0c",
    }


def test_errors_stay_short_and_repeat_nothing(client: TestClient) -> None:
    secret = "s3cret-value"  # noqa: S105
    body = {f"{n}{'x' * 1000}": secret for n in range(500)}
    response = client.post("/api/v1/items", json=body)
    assert response.status_code == 422
    assert len(response.json()["errors"]) == 20
    assert len(response.content) < 10_000
    assert secret not in response.text


def test_announced_large_body(client: TestClient, settings: Settings) -> None:
    content = b" " * (settings.api.max_body_size + 1)
    for url in ("/api/v1/items", "/nowhere"):
        response = client.post(url, content=content)
        assert response.status_code == 413
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["connection"] == "close"


def test_announced_absurd_body(client: TestClient) -> None:
    headers = {"Content-Length": "9" * 5000}
    response = client.post("/api/v1/items", content=b"{}", headers=headers)
    assert response.status_code == 413


def test_unannounced_large_body(client: TestClient, settings: Settings) -> None:
    chunks = settings.api.max_body_size // 1024 + 1
    headers = {"Content-Type": "application/json"}
    content = (b" " * 1024 for _ in range(chunks))
    response = client.post("/api/v1/items", content=content, headers=headers)
    assert response.status_code == 413
    assert response.json()["status"] == 413


def test_largest_body(client: TestClient, settings: Settings) -> None:
    body = json.dumps({"sku": "a", "name": "a"}).ljust(settings.api.max_body_size)
    headers = {"Content-Type": "application/json"}
    response = client.post("/api/v1/items", content=body, headers=headers)
    assert response.status_code == 201


@pytest.fixture
def broken(settings: Settings) -> Iterator[TestClient]:
    """A client of an application whose endpoints fail."""
    app = create_app(settings)
    add_broken_endpoints(app)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def add_broken_endpoints(app: FastAPI) -> None:
    @app.get("/broken")
    async def fail() -> None:
        raise RuntimeError("a secret detail")

    @app.get("/refused")
    async def refuse() -> None:
        raise AppError("Not like this.")

    @app.get("/structured")
    async def refuse_with_details() -> None:
        raise HTTPException(418, {"flavour": "tea"})

    @app.get("/not-modified")
    async def answer_nothing() -> None:
        raise HTTPException(304)

    @app.get("/broken-stream")
    async def fail_late() -> StreamingResponse:
        async def body() -> Iterator[bytes]:  # type: ignore[misc]
            yield b"begun"
            raise RuntimeError("a secret detail")

        return StreamingResponse(body())


def test_unexpected_error(broken: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    response = broken.get("/broken", headers={"X-Request-ID": "abc-1"})
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"] == "abc-1"
    assert response.json()["request_id"] == "abc-1"
    assert "secret" not in response.text
    assert "Request abc-1 failed" in caplog.text
    assert "a secret detail" in caplog.text


def test_error_after_the_answer_began(settings: Settings) -> None:
    """There can be no second answer: the server must hear of it, and hang up."""
    app = create_app(settings)
    add_broken_endpoints(app)
    with TestClient(app) as client, pytest.raises(RuntimeError, match="a secret"):
        client.get("/broken-stream")


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/refused", 400, "Not like this."),
        ("/structured", 418, "{'flavour': 'tea'}"),
    ],
)
def test_errors_raised_by_endpoints(
    broken: TestClient, path: str, status: int, detail: str
) -> None:
    response = broken.get(path)
    assert (response.status_code, response.json()["detail"]) == (status, detail)


def test_not_modified_has_no_body(broken: TestClient) -> None:
    response = broken.get("/not-modified")
    assert (response.status_code, response.content) == (304, b"")


def test_a_trailing_slash_is_another_path(client: TestClient) -> None:
    response = client.get("/api/v1/items/", follow_redirects=False)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
