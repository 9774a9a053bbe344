"""SIGTERM: the load balancer hears of it before the server does."""

import asyncio
import os
import signal
from collections.abc import Iterator
from types import FrameType

import pytest
from fastapi import FastAPI

from app.core.drain import Drain, drain_before_stop
from app.core.settings import Settings
from app.lifespan import lifespan
from tests.conftest import changed


@pytest.fixture
def stops() -> Iterator[list[int]]:
    """The signals that reached the server."""
    received: list[int] = []

    def server(number: int, _: FrameType | None) -> None:
        received.append(number)

    before = signal.signal(signal.SIGTERM, server)
    yield received
    assert signal.getsignal(signal.SIGTERM) is server
    signal.signal(signal.SIGTERM, before)


async def terminate() -> None:
    """Send what orchestrators send, and let it arrive."""
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(0.01)


def test_the_server_hears_of_it_later(stops: list[int]) -> None:
    async def run() -> None:
        drain = Drain()
        with drain_before_stop(drain, 0.1):
            before = drain.draining
            await terminate()
            assert (before, drain.draining, stops) == (False, True, [])
            await asyncio.sleep(0.2)

    asyncio.run(run())
    assert stops == [signal.SIGTERM]


def test_a_second_signal_leaves_no_time(stops: list[int]) -> None:
    async def run() -> None:
        with drain_before_stop(Drain(), 60):
            await terminate()
            await terminate()

    asyncio.run(run())
    assert stops == [signal.SIGTERM, signal.SIGINT]


def test_the_application_drains(settings: Settings, stops: list[int]) -> None:
    slow = changed(settings, "app", drain_time=60)

    async def run() -> bool:
        async with lifespan(slow)(FastAPI()) as state:
            await terminate()
            return state["drain"].draining

    assert asyncio.run(run())
    assert stops == []
