"""Handshakes of WebSockets, which are requests, and what follows, which is not."""

import asyncio
from collections.abc import Iterator, Mapping
from time import sleep
from typing import Any

import pytest
from fastapi import WebSocket
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException, WebSocketException
from starlette.testclient import WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from app.core.errors import ConflictError, NotFoundError
from app.core.http import APIRouter, include_router
from app.settings import Settings
from tests.support.log_file import LogFile
from tests.support.sample_app import create_app
from tests.support.settings import changed

ECHO = "/api/rooms/7/echo"
ROUTE = "/api/rooms/{room}/echo"
END = "/api/rooms/{room}/end"
LOGGER = "app.core.websockets"
NO_HEADERS: Mapping[str, str] = {}

router = APIRouter(prefix="/rooms/{room}")


@router.websocket("/echo")
async def echo(socket: WebSocket, room: int) -> None:
    """Send back what arrives."""
    await socket.accept(headers=[(b"x-room", str(room).encode())])
    async for text in socket.iter_text():
        await socket.send_text(f"{room} {text}")


@router.websocket("/refuse")
async def refuse(socket: WebSocket, reason: str) -> None:
    """Refuse a handshake."""
    errors = {
        "missing": NotFoundError("There is no such room."),
        "teapot": HTTPException(418),
        "policy": WebSocketException(1008),
        "bug": RuntimeError("secret"),
    }
    if reason in errors:
        raise errors[reason]
    if reason == "slow":
        await asyncio.sleep(60)
    await socket.close()


@router.websocket("/end")
async def end(socket: WebSocket) -> None:
    """End a WebSocket in the way that the client asks for."""
    await socket.accept()
    match await socket.receive_text():
        case "conflict":
            raise ConflictError("The room is taken.")
        case "unavailable":
            raise HTTPException(503)
        case "bug":
            raise RuntimeError
        case "own code":
            await socket.close(4001, "Bye.")
        case "left":
            raise ExceptionGroup("", [WebSocketDisconnect(1001)])


def application(settings: Settings, **limits: object) -> TestClient:
    """Return a client of an application with WebSockets, which is not started."""
    app = create_app(changed(settings, "limits", **limits))
    include_router(app, router, "/api")
    return TestClient(app)


@pytest.fixture(scope="module")
def rooms(settings: Settings) -> Iterator[TestClient]:
    """A client of an application with WebSockets."""
    with application(settings) as client:
        yield client


def refusal(
    client: TestClient, path: str, headers: Mapping[str, str] = NO_HEADERS
) -> WebSocketDenialResponse:
    """Return the response to a refused handshake, a problem as for any request."""
    with (
        pytest.raises(WebSocketDenialResponse) as refused,
        client.websocket_connect(path, headers={**headers}),
    ):
        pass
    response = refused.value
    problem = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert problem["status"] == response.status_code
    assert problem["request_id"] == response.headers["x-request-id"]
    return response


# --- Handshakes ----------------------------------------------------------------------
def test_handshake_is_a_request(rooms: TestClient, log: LogFile) -> None:
    given = {"X-Request-ID": "abc-1"}
    with rooms.websocket_connect(ECHO, headers=given) as socket:
        received: Any = socket.extra_headers
        headers = dict(received)
        assert headers[b"x-request-id"] == b"abc-1"
        assert headers[b"x-room"] == b"7"
        socket.send_text("hello")
        assert socket.receive_text() == "7 hello"
        line = log.line("app.core.logging.access_log")
    assert (line["method"], line["route"], line["status"]) == ("GET", ROUTE, 101)
    assert line["request_id"] == "abc-1"


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/api/halls/7/echo", 404, None),
        ("/api/rooms/x/echo", 422, "The request is not valid."),
        ("/api/rooms/7/refuse?reason=missing", 404, "There is no such room."),
        ("/api/rooms/7/refuse?reason=teapot", 418, None),
        ("/api/rooms/7/refuse?reason=policy", 403, None),
        ("/api/rooms/7/refuse?reason=close", 403, None),
        ("/api/rooms/7/refuse?reason=bug", 500, None),
    ],
)
def test_refused_handshake_gets_a_problem(
    rooms: TestClient, log: LogFile, path: str, status: int, detail: str | None
) -> None:
    response = refusal(rooms, path)
    assert response.status_code == status
    assert response.json().get("detail") == detail
    levels = [line["level"] for line in log.lines()]
    assert levels == (["error", "warning"] if status == 500 else ["info"])


def test_handshake_has_a_deadline(settings: Settings) -> None:
    with application(settings, deadline=0.2) as rooms:
        assert refusal(rooms, "/api/rooms/7/refuse?reason=slow").status_code == 504


def test_request_for_the_path_of_a_websocket_is_404(rooms: TestClient) -> None:
    assert rooms.get(ECHO).status_code == 404


def test_pages_of_other_origins_are_refused(settings: Settings) -> None:
    settings = changed(settings, "api", cors_origins=("https://shop.example",))
    with application(settings) as rooms:
        for origin in ("https://TestServer", "https://shop.example"):
            with rooms.websocket_connect(ECHO, headers={"Origin": origin}):
                pass
        for origin in ("http://shop.example", "http://testserver:81", "null"):
            assert refusal(rooms, ECHO, {"Origin": origin}).status_code == 403


def test_hosts_are_limited(settings: Settings) -> None:
    settings = changed(settings, "api", allowed_hosts=("testserver",))
    with application(settings) as rooms:
        assert refusal(rooms, ECHO, {"Host": "evil.example"}).status_code == 400
        with rooms.websocket_connect(ECHO):
            pass


# --- Open WebSockets -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("way", "code", "reason"),
    [
        ("return", 1000, ""),
        ("left", 1000, ""),
        ("own code", 4001, "Bye."),
        ("conflict", 4409, "Conflict"),
        ("unavailable", 4503, "Service Unavailable"),
        ("bug", 1011, ""),
    ],
)
def test_end_is_logged(
    rooms: TestClient, log: LogFile, way: str, code: int, reason: str
) -> None:
    with rooms.websocket_connect("/api/rooms/7/end") as socket:
        socket.send_text(way)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
        assert (closed.value.code, closed.value.reason) == (code, reason)
    *errors, line = log.lines(LOGGER)
    assert [error["level"] for error in errors] == ["error"] * (way == "bug")
    assert line["message"] == f"WEBSOCKET {END} {code}"
    assert (line["level"], line["close_code"]) == ("info", code)
    assert line["duration_ms"] > 0
    assert line["request_id"]


def test_open_websockets_hold_no_place_of_requests(settings: Settings) -> None:
    with (
        application(settings, max_concurrency=1, deadline=0.2) as rooms,
        rooms.websocket_connect(ECHO) as first,
        rooms.websocket_connect(ECHO) as second,
    ):
        assert rooms.get("/api/v2").status_code == 404
        sleep(0.3)  # longer than the deadline
        for socket in (first, second):
            socket.send_text("still here")
            assert socket.receive_text() == "7 still here"


def test_number_of_websockets_is_limited(settings: Settings) -> None:
    """One client may have a fourth of them."""
    with (
        application(settings, max_websockets=8) as rooms,
        rooms.websocket_connect(ECHO),
    ):
        with rooms.websocket_connect(ECHO):
            response = refusal(rooms, ECHO)
            assert response.status_code == 503
            assert response.json()["detail"] == "There are too many WebSockets."
        with rooms.websocket_connect(ECHO):
            pass
    with application(settings, max_websockets=0) as rooms:
        assert refusal(rooms, ECHO).status_code == 503
