"""An application with streams, some of which stay open."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

from anyio import sleep_forever, to_thread
from fastapi import FastAPI
from fastapi.responses import FileResponse, StreamingResponse
from fastapi.sse import EventSourceResponse
from fastapi.testclient import TestClient
from httpx2 import Response
from starlette.types import Message, Receive, Scope, Send

from app.core.http import APIRouter
from app.settings import Settings
from tests.support.clients import around
from tests.support.sample_app import create_app


@dataclass
class Gate:
    """Events that an open stream sets and waits for."""

    entered: Event = field(default_factory=Event)
    leave: Event = field(default_factory=Event)


def add_streams(app: FastAPI, gate: Gate) -> None:
    """Add endpoints; ``/streams/events`` stays open until the gate opens."""
    router = APIRouter(prefix="/streams")

    @router.get("/events", response_class=EventSourceResponse)
    async def stream_events() -> AsyncIterator[str]:
        yield "begun"
        gate.entered.set()
        await to_thread.run_sync(gate.leave.wait, 10)
        yield "done"

    @router.get("/endless", response_class=EventSourceResponse)
    async def stream_without_end() -> AsyncIterator[str]:
        yield "begun"
        await sleep_forever()

    @router.get("/broken")
    async def stream_and_fail() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"begun"
            raise RuntimeError("Oh!")

        return StreamingResponse(parts())

    @router.get("/rows")
    async def stream_rows() -> AsyncIterator[dict[str, str]]:
        for _ in range(100):
            yield {"name": "x" * 100}

    @router.get("/file")
    async def download() -> FileResponse:
        return FileResponse(__file__)

    app.include_router(router)


@contextmanager
def streaming(settings: Settings, gate: Gate) -> Iterator[TestClient]:
    """A client of an application with streams."""
    app = create_app(settings)
    add_streams(app, gate)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@contextmanager
def open_stream(settings: Settings) -> Iterator[tuple[TestClient, Future[Response]]]:
    """A client of an application with an open stream."""
    gate = Gate()
    with streaming(settings, gate) as client, ThreadPoolExecutor(1) as threads:
        stream = threads.submit(client.get, "/streams/events")
        assert gate.entered.wait(10)
        try:
            yield client, stream
        finally:
            gate.leave.set()


def leaving(client: TestClient) -> TestClient:
    """Return a client that leaves once it has got a part of a response."""

    async def leave(scope: Scope, _: Receive, send: Send) -> None:
        begun = asyncio.Event()

        async def send_part(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body":
                begun.set()

        async def receive() -> Message:
            await begun.wait()
            return {"type": "http.disconnect"}

        await client.app(scope, receive, send_part)

    return around(client, leave)
