"""Logins that end while an event stream or a WebSocket is open."""

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from time import time

import pytest
from anyio import to_thread
from fastapi import Security
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse
from fastapi.testclient import TestClient
from httpx2 import Response
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocketDisconnect

from app.core.errors import UnavailableError
from app.core.http import APIRouter, include_router
from app.core.security import Principal, login_checks, tokens
from app.core.security.dependencies import authenticate, check_permissions
from app.settings import Settings
from tests.support.accounts import Account
from tests.support.sample_app import create_app
from tests.support.settings import changed
from tests.support.streams import Gate

ECHO = "/api/v1/widgets/echo"
KEYS = "/api/v1/api-keys"
# What the streams set and wait for, by their path.
gates: dict[str, Gate] = {}


@pytest.fixture(scope="module")
def running_streams(settings: Settings) -> Iterator[TestClient]:
    """A client of an application with streams, which checks logins often."""
    router = APIRouter(dependencies=[Security(check_permissions)])

    async def parts(path: str) -> AsyncIterator[str]:
        yield "begun"
        gates[path].entered.set()
        leave = gates[path].leave
        await to_thread.run_sync(leave.wait, 10, abandon_on_cancel=True)
        yield "done"

    @router.get("/events", response_class=EventSourceResponse)
    async def stream_events() -> AsyncIterator[str]:
        async for part in parts("/events"):
            yield part

    @router.get("/download")
    async def download() -> StreamingResponse:
        return StreamingResponse(parts("/download"))

    app = create_app(changed(settings, "auth", check_interval=0.05))
    include_router(app, router, "")
    with TestClient(app) as client:
        yield client


@pytest.fixture
def streams(running_streams: TestClient, tables: None) -> TestClient:
    """The same client; its tables are empty after the test."""
    return running_streams


@contextmanager
def open_stream(
    client: TestClient, path: str, headers: dict[str, str]
) -> Iterator[Future[Response]]:
    """Open a stream until the block ends."""
    gate = gates[path] = Gate()
    with ThreadPoolExecutor(1) as threads:
        stream = threads.submit(client.get, path, headers=headers)
        assert gate.entered.wait(10)
        try:
            yield stream
        finally:
            gate.leave.set()


@pytest.mark.parametrize(
    "end", ["logout", "deactivation", "promotion", "expiry", "key"]
)
def test_end_of_a_login_ends_event_streams_and_websockets(
    streams: TestClient,
    alice: Account,
    admin: Account,
    end: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    headers, key = alice.headers, KEYS
    if end == "key":
        body = {"name": "Robot", "scopes": []}
        created = streams.post(KEYS, json=body, headers=headers).json()
        headers, key = {"X-API-Key": created["key"]}, f"{KEYS}/{created['id']}"
    user = f"/api/v1/users/{alice.id}"
    with (
        streams.websocket_connect(ECHO, headers=headers) as socket,
        open_stream(streams, "/events", headers) as events,
        open_stream(streams, "/download", headers) as download,
    ):
        if end == "logout":
            streams.post("/api/v1/auth/logout", headers=headers)
        elif end == "deactivation":
            streams.patch(user, json={"is_active": False}, headers=admin.headers)
        elif end == "promotion":
            streams.patch(user, json={"role": "admin"}, headers=admin.headers)
        elif end == "expiry":
            monkeypatch.setattr(tokens, "time", lambda: time() + 24 * 3600)
        else:
            streams.delete(key, headers=alice.headers)
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
        assert closed.value.code == 4401
        response = events.result(10)
        assert (response.status_code, response.text) == (200, 'data: "begun"\n\n')
    assert download.result(10).text == "begundone"


def test_checks_of_a_login_that_goes_on_change_nothing(
    streams: TestClient, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while they cannot be made, as in an outage of the database."""
    checks = iter([True, True, False, False, True, True])
    checked = Event()

    async def check(connection: HTTPConnection) -> Principal:
        is_available = next(checks, None)
        if is_available is None:
            checked.set()
        elif not is_available:
            raise UnavailableError
        return await authenticate(connection)

    monkeypatch.setattr(login_checks, "authenticate", check)
    with streams.websocket_connect(ECHO, headers=alice.headers) as socket:
        assert checked.wait(10)
        socket.send_text("hello")
        assert socket.receive_text() == "hello"
