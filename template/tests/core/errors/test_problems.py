"""Errors as clients see them."""

from collections.abc import AsyncIterator, Iterator

import pytest
from anyio import create_task_group
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import Response, StreamingResponse
from fastapi.sse import EventSourceResponse
from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import AppError
from app.core.http import APIRouter
from app.settings import Settings
from tests.support.clients import around
from tests.support.log_file import LogFile
from tests.support.sample_app import create_app

JSON = "application/json"


def test_unknown_route_is_404(client: TestClient) -> None:
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


def test_wrong_method_is_405(client: TestClient) -> None:
    response = client.put("/api/v1/widgets")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, POST"
    assert response.json()["title"] == "Method Not Allowed"


def test_validation_errors_point_at_fields(client: TestClient) -> None:
    body = {"name": 5, "sku": "a", "a/b~c": 1}
    response = client.post("/api/v1/widgets", json=body)
    assert response.json()["type"] == "urn:problem:validation"
    assert {error["pointer"] for error in response.json()["errors"]} == {
        "/name",
        "/a~1b~0c",
    }


def test_validation_errors_are_bounded_and_contain_no_input(client: TestClient) -> None:
    secret = "s3cret-value"  # noqa: S105
    body = {f"{n}{'x' * 1000}": secret for n in range(30)}
    response = client.post("/api/v1/widgets", json=body)
    assert response.status_code == 422
    assert len(response.json()["errors"]) == 20
    many = client.post("/api/v1/widgets", json=dict.fromkeys(map(str, range(500)), 1))
    assert len(many.json()["errors"]) == 1
    assert len(response.content) < 10_000
    assert secret not in response.text


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("*/*", 200),
        ("text/html, application/json;q=0.1", 200),
        ("APPLICATION/*", 200),
        ("application/problem+json", 200),
        ("", 200),
        ("text/html", 406),
        ("text/html,application/json;q=0.0", 406),
        ("application/json ; q=0", 406),
        (",;=,;;q", 406),
    ],
)
def test_accept_without_json_is_406(
    client: TestClient, given: str, status: int
) -> None:
    response = client.get("/api/v1/widgets", headers={"Accept": given})
    assert response.status_code == status
    if status == 406:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["detail"] == "Responses are application/json."


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("events", "text/event-stream", 200),
        ("events", "text/*;q=0.5", 200),
        ("events", JSON, 406),
        ("events", "text/event-stream;q=0, text/*;q=0", 406),
        ("file", "application/octet-stream", 200),
        ("file", "text/csv, image/png", 200),
        ("file", "text/html", 406),
        ("file", "*/*;q=0", 406),
        ("file", "text/*;q=0, */*", 200),
        ("nothing", "text/html", 204),
        ("anything", "text/html", 200),
    ],
)
def test_accept_is_compared_with_documented_media_types(
    produced: TestClient, path: str, accept: str, status: int
) -> None:
    response = produced.get(f"/produced/{path}", headers={"Accept": accept})
    assert response.status_code == status
    if status == 406 and path == "file":
        types = "application/octet-stream or text/csv"
        assert response.json()["detail"] == f"Responses are {types}."


@pytest.fixture(scope="module")
def produced(settings: Settings) -> Iterator[TestClient]:
    """A client of an application with responses in other media types than JSON."""
    router = APIRouter(prefix="/produced")
    types: dict[str, object] = {
        "application/octet-stream": {},
        "text/csv; charset=utf-8": {},
    }

    @router.get("/events", response_class=EventSourceResponse)
    async def events() -> AsyncIterator[str]:
        yield "hello"

    @router.get("/file", response_class=Response, responses={200: {"content": types}})
    async def file() -> Response:
        return Response(b"a,b", media_type="text/csv")

    @router.get("/nothing", status_code=204)
    async def nothing() -> None: ...

    @router.get("/anything", include_in_schema=False)
    async def anything() -> str:
        return ""

    app = create_app(settings)
    app.include_router(router)
    with TestClient(app) as client:
        yield client


def test_accept_may_be_in_two_header_lines(client: TestClient) -> None:
    lines = [("Accept", "text/html"), ("Accept", JSON)]
    response = client.get("/api/v1/widgets", headers=lines)
    assert response.request.headers.get_list("Accept") == ["text/html", JSON]
    assert response.status_code == 200


@pytest.mark.parametrize(
    "given", ["", "text/plain", "application/x-www-form-urlencoded", "json", ";"]
)
def test_body_of_another_media_type_is_415(client: TestClient, given: str) -> None:
    content = b'{"sku": "lamp-1", "name": "Lamp"}'
    headers = {"Content-Type": given}
    response = client.post("/api/v1/widgets", content=content, headers=headers)
    assert response.status_code == 415
    assert response.headers["accept"] == "application/json"
    assert response.json()["title"] == "Unsupported Media Type"
    assert response.json()["detail"] == "The body must be application/json."


@pytest.mark.parametrize("given", ["application/json; charset=utf-8", "x/y+json"])
def test_body_of_a_json_media_type_is_validated(client: TestClient, given: str) -> None:
    headers = {"Content-Type": given}
    response = client.post("/api/v1/widgets", content=b"{}", headers=headers)
    assert response.status_code == 422


def test_missing_body_is_422_not_415(client: TestClient) -> None:
    response = client.post("/api/v1/widgets")
    assert response.status_code == 422
    assert response.json()["errors"][0]["location"] == "body"


def test_head_is_get_without_the_body(client: TestClient) -> None:
    for path, status in (("/api/v1/widgets", 200), ("/nowhere", 404)):
        head, get = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (status, b"")
        for name in ("content-type", "content-length"):
            assert head.headers[name] == get.headers[name]


@pytest.fixture(scope="module")
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

    @app.get("/refused-in-a-group")
    async def refuse_in_a_task() -> None:
        async with create_task_group() as tasks:
            tasks.start_soon(refuse)

    @app.get("/refused-twice")
    async def refuse_in_two_tasks() -> None:
        async with create_task_group() as tasks:
            tasks.start_soon(refuse)
            tasks.start_soon(refuse)

    @app.get("/structured")
    async def refuse_with_details() -> None:
        raise HTTPException(418, {"flavour": "tea"})

    @app.get("/not-modified")
    async def respond_with_nothing() -> None:
        raise HTTPException(304)

    @app.get("/broken-stream")
    async def fail_late() -> StreamingResponse:
        async def body() -> Iterator[bytes]:  # type: ignore[misc]
            yield b"begun"
            raise RuntimeError("a secret detail")

        return StreamingResponse(body())

    @app.post("/upload")
    async def upload(request: Request) -> int:
        return sum([len(piece) async for piece in request.stream()])


def test_unhandled_exception_is_500_and_logged(
    broken: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    assert broken.get("/refused-twice").status_code == 500
    response = broken.get("/broken", headers={"X-Request-ID": "abc-1"})
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"] == "abc-1"
    assert response.json()["request_id"] == "abc-1"
    assert "secret" not in response.text
    assert "Request abc-1 failed" in caplog.text
    assert "a secret detail" in caplog.text


def test_client_that_leaves_during_its_upload_is_no_error(
    broken: TestClient, log: LogFile
) -> None:
    async def leave(scope: Scope, _: Receive, send: Send) -> None:
        async def receive() -> Message:
            return {"type": "http.disconnect"}

        await broken.app(scope, receive, send)

    around(broken, leave).post("/upload")
    line = log.line()
    assert (line["level"], line["status"]) == ("info", 400)


def test_exception_in_outer_middleware_is_500(settings: Settings) -> None:
    app = create_app(settings)

    class Broken:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                raise RuntimeError("a secret detail")
            await self.app(scope, receive, send)

    app.add_middleware(Broken)
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/health/live")
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["title"] == "Internal Server Error"
    assert "secret" not in response.text


def test_exception_after_the_response_started_reaches_the_server(
    settings: Settings,
) -> None:
    """No second response is possible: the server must close the connection."""
    app = create_app(settings)
    add_broken_endpoints(app)
    with TestClient(app) as client, pytest.raises(RuntimeError, match="a secret"):
        client.get("/broken-stream")


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/refused", 400, "Not like this."),
        ("/refused-in-a-group", 400, "Not like this."),
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
    response = client.get("/api/v1/widgets/", follow_redirects=False)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
