"""``app.serve`` with WebSockets and a stream."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import WebSocket

from app.core.http import APIRouter, include_router
from app.core.server import DrainDep
from app.main import app
from app.serve import main

router = APIRouter(prefix="/sockets")


@router.websocket("/echo")
async def echo(socket: WebSocket) -> None:
    """Send back what arrives."""
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)


@router.websocket("/clock")
async def tick(socket: WebSocket) -> None:
    """Send without receiving."""
    await socket.accept()
    while True:
        await socket.send_text("tick")
        await asyncio.sleep(0.05)


@router.websocket("/sleep")
async def sleep(socket: WebSocket) -> None:
    """Neither send nor receive."""
    await socket.accept()
    await asyncio.sleep(600)


@router.websocket("/flood")
async def flood(socket: WebSocket) -> None:
    """Send as fast as the client reads."""
    await socket.accept()
    while True:
        await socket.send_text("x" * 50_000)


@router.get("/lines")
async def stream_lines(drain: DrainDep) -> AsyncIterator[str]:
    """Send a line, and another one when the server stops."""
    yield "begun"
    await drain.stopping.wait()
    yield "done"


include_router(app, router, "/api")

if __name__ == "__main__":
    main()
