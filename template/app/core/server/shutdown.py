"""Graceful shutdown: drain, finish what was begun, and end in any case."""

import asyncio
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ctypes import addressof, create_string_buffer
from dataclasses import dataclass, field
from functools import partial
from struct import pack
from threading import Thread, current_thread, main_thread
from time import sleep
from types import FrameType
from typing import Annotated, Any

import uvicorn

from app.core.request import from_state

# For connections that are being opened when the server begins to stop.
HANDSHAKE_TIME = 0.1
# For the first request of connections that are open by then.
FIRST_REQUEST_TIME = 1
PAUSE = 0.02
# For pools, logs and traces, after the last response.
FORCED_EXIT_DELAY = 5

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Drain:
    """The shutdown of the process, in two steps.

    First it drains: it serves, and readiness fails. Then it stops, which streams can
    await: ``await drain.stopping.wait()``.
    """

    draining: bool = False
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


DrainDep = Annotated[Drain, from_state("drain")]


class DrainingServer(uvicorn.Server):
    """A uvicorn server that loses no request when it stops.

    After SIGTERM or SIGHUP, readiness fails and the server serves on for ``drain_time``
    seconds, until load balancers have noticed. Then it serves the requests that were
    sent before its socket closes. A second SIGTERM stops it at once.
    """

    def __init__(self, config: uvicorn.Config, drain_time: float) -> None:
        super().__init__(config)
        self._drain_time = drain_time

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until a signal; the process ends soon afterwards, also by force."""
        self._loop = asyncio.get_running_loop()
        try:
            await super().serve(sockets)
        finally:
            self._end_in(FORCED_EXIT_DELAY)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle SIGHUP like SIGTERM, unless it is ignored, as nohup does."""
        hang_up: Any = getattr(signal, "SIGHUP", None)  # Windows has none
        is_ignored = hang_up is None or signal.getsignal(hang_up) == signal.SIG_IGN
        with super().capture_signals():
            if is_ignored or current_thread() is not main_thread():
                yield
                return
            before = signal.signal(hang_up, self.handle_exit)
            try:
                yield
            finally:
                signal.signal(hang_up, before)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to drain, or stop at once."""
        if sig == signal.SIGINT or not self.started:
            super().handle_exit(sig, frame)
            return
        # Not by the handler of uvicorn, which would repeat the signal at its very end.
        drain: Drain = self.lifespan.state["drain"]
        if not drain.draining:
            drain.draining = True
            call_later = partial(self._loop.call_later, self._drain_time, self._stop)
            self._loop.call_soon_threadsafe(call_later)
            limit = self.config.timeout_graceful_shutdown or 0
            rest = FIRST_REQUEST_TIME + limit + FORCED_EXIT_DELAY
            self._end_in(self._drain_time + rest)
        elif sig == signal.SIGTERM:  # supervisors send SIGHUP in addition
            self.should_exit = self.force_exit = True
            self._end_in(FORCED_EXIT_DELAY)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take the last connections, wait for their requests, then stop.

        Uvicorn would close connections that have brought no request yet, and the kernel
        would reset those that uvicorn has not accepted.
        """
        drain: Drain = self.lifespan.state["drain"]
        drain.stopping.set()
        if sockets is None:  # else the next process takes over the same socket
            for server in self.servers:
                for listener in server.sockets:
                    _refuse_connections(listener.fileno())
        for _ in range(int(HANDSHAKE_TIME / PAUSE)):  # not at once: a loop may be late
            await asyncio.sleep(PAUSE)
        for server in self.servers:
            server.close()
        for _ in range(int(FIRST_REQUEST_TIME / PAUSE)):
            if self.force_exit or not self._is_waiting():
                break
            await asyncio.sleep(PAUSE)
        await super().shutdown(sockets)

    def _is_waiting(self) -> bool:
        """Tell whether a connection has brought no request yet."""
        connections = self.server_state.connections
        return any(getattr(one, "cycle", one) is None for one in connections)

    def _stop(self) -> None:
        self.should_exit = True

    def _end_in(self, seconds: float) -> None:
        """End the process after a time, if the settings bound its shutdown."""
        if self.config.timeout_graceful_shutdown is not None:
            Thread(target=_end_by_force, args=[seconds], daemon=True).start()


def _refuse_connections(listener: int) -> None:
    """Let the kernel drop attempts to open a connection, if it can.

    Closing the socket would reset connections that are open and not yet taken. A client
    whose attempt is dropped retries a second later, with the next process or in vain.
    """
    is_syn = pack("HBBI", 0x30, 0, 0, 13) + pack("HBBI", 0x45, 0, 1, 0x02)
    drop, keep = pack("HBBI", 0x06, 0, 0, 0), pack("HBBI", 0x06, 0, 0, 0xFFFFFFFF)
    program = create_string_buffer(is_syn + drop + keep, 32)
    attach_filter = 26  # SO_ATTACH_FILTER of Linux; Python has no name for it
    with suppress(OSError), socket.socket(fileno=os.dup(listener)) as same:
        same.setsockopt(
            socket.SOL_SOCKET, attach_filter, pack("HP", 4, addressof(program))
        )


def _end_by_force(seconds: float) -> None:
    """End the process after a time: Python waits for threads, which cannot be stopped.

    The database rolls back what they have begun when their connections close.
    """
    sleep(seconds)
    others = {*threading.enumerate()} - {main_thread()}
    lost = sum(not thread.daemon for thread in others)
    logger.warning("The process ends by force; threads given up: %s", lost)
    for handler in logging.getLogger().handlers:
        handler.flush()
    os._exit(1)
