"""``app.serve`` with endpoints that return what they got.

It has a WebSocket library, as far as uvicorn's HTTP protocol is concerned.
"""

import asyncio

from fastapi import Request
from fastapi.responses import PlainTextResponse

from app.core.server import UVICORN
from app.main import app
from app.serve import main


class Echo(asyncio.Protocol):
    """Takes a connection over and sends back what arrives, first of all its head."""

    def __init__(self, **_: object) -> None:
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection over."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Send it back."""
        self.transport.write(data)


async def echo(request: Request) -> dict[str, object]:
    """Return the body and the header fields of a request."""
    body = await request.body()
    return {"body": body.decode(), "headers": dict(request.headers)}


async def large(size: int) -> PlainTextResponse:
    """Return so many letters."""
    return PlainTextResponse("x" * size)


app.add_api_route("/large", large)
app.add_api_route("/echo", echo, methods=["GET", "POST"])
UVICORN["ws"] = Echo

if __name__ == "__main__":
    main()
