"""SIGTERM: the load balancer hears of it before the server does."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest
import uvicorn

from app.core.server import Drain, graceful_shutdown
from app.lifespan import lifespan
from app.settings import Settings
from tests.conftest import changed


@pytest.fixture
def server() -> Iterator[uvicorn.Server]:
    """A server that handles signals, and nothing else."""
    server = uvicorn.Server(uvicorn.Config("app.main:app", log_config=None))
    before = signal.signal(signal.SIGTERM, server.handle_exit)
    yield server
    assert signal.signal(signal.SIGTERM, before) == server.handle_exit


async def terminate() -> None:
    """Send what orchestrators send, and let it arrive."""
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(0.01)


def test_the_server_hears_of_it_later(server: uvicorn.Server) -> None:
    async def run() -> None:
        drain = Drain()
        with graceful_shutdown(drain, 0.1):
            before = drain.draining
            await terminate()
            assert (before, drain.draining, server.should_exit) == (False, True, False)
            await asyncio.sleep(0.2)

    asyncio.run(run())
    assert (server.should_exit, server.force_exit) == (True, False)


def test_a_second_signal_leaves_no_time(server: uvicorn.Server) -> None:
    async def run() -> None:
        with graceful_shutdown(Drain(), 60):
            await terminate()
            await terminate()

    asyncio.run(run())
    assert (server.should_exit, server.force_exit) == (True, True)


def test_the_application_drains(settings: Settings, server: uvicorn.Server) -> None:
    slow = changed(settings, "app", drain_time=60)

    async def run() -> bool:
        async with lifespan(slow) as state:
            await terminate()
            drain: Drain = state["drain"]
            return drain.draining

    assert asyncio.run(run())
    assert not server.should_exit
