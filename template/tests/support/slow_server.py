"""``app.serve`` with requests that take a while.

``FORCED_EXIT_DELAY`` is how long it may take to end, if tests have no time for more,
and ``FIRST_REQUEST_TIME`` how long a busy client has for its request.
"""

import logging
import os
from asyncio import sleep
from collections.abc import AsyncIterator
from math import inf
from threading import Event

from fastapi import BackgroundTasks
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse

from app.core.http import APIRouter
from app.core.server import shutdown
from app.main import app
from app.serve import main

logger = logging.getLogger(__name__)

for name in ("FIRST_REQUEST_TIME", "FORCED_EXIT_DELAY"):
    setattr(shutdown, name, int(os.environ.get(name, getattr(shutdown, name))))


async def slow(seconds: float, tasks: BackgroundTasks) -> None:
    """Respond later, and run a background task after the response."""
    logger.info("Begun")
    await sleep(seconds)
    tasks.add_task(work)


async def work() -> None:
    """A background task."""
    await sleep(0.2)
    logger.info("Worked")


def hang() -> None:
    """Hang in a thread, which cannot be stopped."""
    logger.info("Begun")
    Event().wait()


async def block() -> None:
    """Block the event loop."""
    hang()


for endpoint in (slow, hang, block):
    app.add_api_route(f"/{endpoint.__name__}", endpoint)

router = APIRouter()


@router.get("/events", response_class=EventSourceResponse)
async def stream_events() -> AsyncIterator[str]:
    """Send one event, and never end."""
    logger.info("Begun")
    yield "begun"
    await sleep(inf)


@router.get("/download")
async def download() -> StreamingResponse:
    """Send a part of a file, and never end."""

    async def parts() -> AsyncIterator[bytes]:
        logger.info("Begun")
        yield b"begun"
        await sleep(inf)

    return StreamingResponse(parts())


app.include_router(router)

if __name__ == "__main__":
    main()
