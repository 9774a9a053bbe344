"""``app.serve`` with WebSockets."""

import asyncio

from fastapi import WebSocket

from app.core.http import APIRouter, include_router
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


include_router(app, router, "/api")

if __name__ == "__main__":
    main()
