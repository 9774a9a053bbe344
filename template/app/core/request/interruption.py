"""Responses and WebSockets that end early."""

from asyncio import Future, ensure_future
from collections.abc import Awaitable, Callable
from typing import Any

from anyio import CancelScope
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send


async def serve_until(
    find_end: Callable[[Message], Awaitable[object] | None],
    app: ASGIApp,
    scope: Scope,
    receive: Receive,
    send: Send,
) -> bool:
    """Serve until an event, and tell whether it came before the end of the response.

    ``find_end`` is called with the sent messages, until it returns the event.
    """
    event: Future[Any] | None = None
    serving = CancelScope()

    async def watch(message: Message) -> None:
        nonlocal event
        await send(message)
        if event is None and (end := find_end(message)):
            event = ensure_future(end)
            event.add_done_callback(lambda _: serving.cancel())

    with serving:
        try:
            await app(scope, receive, watch)
        finally:
            if event:
                event.cancel()
    return serving.cancelled_caught


def starts_events(message: Message) -> bool:
    """Tell whether a message starts a response of server-sent events."""
    if message["type"] != "http.response.start":
        return False
    media_type = Headers(raw=message["headers"]).get("content-type", "")
    return media_type.startswith("text/event-stream")
