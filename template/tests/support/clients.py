"""Clients of applications that are changed, or behind a proxy."""

from collections.abc import Callable
from ipaddress import ip_network
from typing import TypeAlias

import anyio
from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Where requests come from unless X-Forwarded-For says otherwise.
PROXY = "10.1.2.3"
PROXIES = ip_network("10.0.0.0/8")

Start: TypeAlias = Callable[..., TestClient]


def around(started: TestClient, app: ASGIApp, root_path: str = "") -> TestClient:
    """Return a client of something that passes requests on to a started application."""
    client = TestClient(app, root_path=root_path)
    client.app_state.update(started.app_state)
    client.portal = started.portal  # the event loop that connections belong to
    return client


def without_body(client: TestClient) -> TestClient:
    """Return a client whose bodies never arrive."""

    async def never() -> Message:
        await anyio.sleep_forever()
        return {}

    async def stall(scope: Scope, _: Receive, send: Send) -> None:
        await client.app(scope, never, send)

    return around(client, stall)


def cut_off(app: ASGIApp, seconds: float = 1) -> ASGIApp:
    """Return an application whose responses end after a while, even endless streams."""

    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                limit.deadline = anyio.current_time() + seconds
            await send(message)

        with anyio.CancelScope() as limit:
            await app(scope, receive, watch)
        if limit.cancelled_caught:
            await send({"type": "http.response.body", "body": b""})

    return limited
