"""SIGTERM: readiness fails before the server stops."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from socket import socket

import uvicorn
from fastapi import FastAPI

from app.core.server import Drain, DrainingServer


@asynccontextmanager
async def serving(drain_time: float) -> AsyncIterator[tuple[DrainingServer, Drain]]:
    """Run a server that handles the signals of this process."""
    drain = Drain()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Drain]]:
        yield {"drain": drain}

    app = FastAPI(lifespan=lifespan)
    ready = asyncio.Event()

    class Server(DrainingServer):
        async def startup(self, sockets: list[socket] | None = None) -> None:
            await super().startup(sockets)
            ready.set()

    server = Server(uvicorn.Config(app, port=0, log_config=None), drain_time)
    task = asyncio.create_task(server.serve())
    await asyncio.wait_for(ready.wait(), 10)
    try:
        yield server, drain
    finally:
        server.should_exit = True
        with suppress(TimeoutError):
            await asyncio.wait_for(task, 10)


async def send(number: int) -> None:
    """Send a signal to this process, and let it arrive."""
    os.kill(os.getpid(), number)
    await asyncio.sleep(0.01)


def test_sigterm_fails_readiness_before_the_server_stops() -> None:
    async def run() -> None:
        async with serving(0.1) as (server, drain):
            before = drain.draining
            await send(signal.SIGTERM)
            assert (before, drain.draining, server.should_exit) == (False, True, False)
            await asyncio.sleep(0.2)
            assert (server.should_exit, server.force_exit) == (True, False)

    asyncio.run(run())


def test_second_sigterm_stops_the_server_at_once() -> None:
    async def run() -> None:
        async with serving(60) as (server, _):
            await send(signal.SIGTERM)
            await send(signal.SIGTERM)
            assert (server.should_exit, server.force_exit) == (True, True)

    asyncio.run(run())


def test_sighup_after_sigterm_changes_nothing() -> None:
    """Supervisors send it in addition, and terminals that close send it alone."""

    async def run() -> None:
        async with serving(60) as (server, drain):
            await send(signal.SIGHUP)
            assert drain.draining
            await send(signal.SIGHUP)
            assert not server.should_exit

    asyncio.run(run())


def test_handlers_of_signals_are_restored() -> None:
    before = [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP)]

    async def run() -> None:
        async with serving(0):
            pass

    asyncio.run(run())
    after = [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP)]
    assert after == before
