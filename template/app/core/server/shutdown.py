"""Stopping: first tell the load balancer, then the server, and end in any case."""

import asyncio
import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ctypes import addressof, create_string_buffer
from dataclasses import dataclass
from struct import pack
from threading import Thread, current_thread, main_thread
from time import sleep

import uvicorn

# From orchestrators, and from a terminal that is closed; nohup ignores the latter, and
# Windows has only the first.
SIGNALS = {signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}
# For connections that are being opened when the server begins to stop.
HANDSHAKE_TIME = 0.1
# For the first request of connections that are open by then.
FIRST_REQUEST_TIME = 1
PAUSE = 0.02
# For pools, logs and traces, when nothing is served any more.
FORCED_EXIT_DELAY = 5

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Drain:
    """While it is draining, the process serves on, but says that it is not ready."""

    draining: bool = False


class DrainingServer(uvicorn.Server):
    """A uvicorn that serves what was sent to it before its socket closes.

    Uvicorn closes connections that have brought no request yet, and the kernel resets
    those that uvicorn has not taken. No other process may listen on the same socket.
    """

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take the last connections, wait for their requests, then stop."""
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


@contextmanager
def graceful_shutdown(drain: Drain, seconds: float) -> Iterator[None]:
    """Stop uvicorn so much later than SIGTERM or SIGHUP; a second SIGTERM does at once.

    Load balancers send requests until they have noticed that readiness fails.
    """
    server = _server()
    if server is None:
        yield  # a test or a command: nobody to tell
        return
    loop = asyncio.get_running_loop()
    limit = server.config.timeout_graceful_shutdown

    def end_in(seconds: float) -> None:
        if limit is not None:  # else whoever has started it may wait
            Thread(target=_end_by_force, args=[seconds], daemon=True).start()

    # Not by its own handler: uvicorn would repeat the signal at its very end.
    def stop_server() -> None:
        server.should_exit = True

    def stop(number: int, _frame: object) -> None:
        if drain.draining:
            if number == signal.SIGTERM:  # supervisors send SIGHUP besides
                server.should_exit = server.force_exit = True
                end_in(FORCED_EXIT_DELAY)
            return
        drain.draining = True
        loop.call_soon_threadsafe(loop.call_later, seconds, stop_server)
        end_in(seconds + FIRST_REQUEST_TIME + (limit or 0) + FORCED_EXIT_DELAY)

    before = {
        name: signal.signal(name, stop)
        for name in SIGNALS
        if signal.getsignal(name) != signal.SIG_IGN
    }
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
        end_in(FORCED_EXIT_DELAY)


def _server() -> uvicorn.Server | None:
    """Return the server that handles the signals of this process, if there is one."""
    if current_thread() is not main_thread():
        return None
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return server if isinstance(server, uvicorn.Server) else None


def _end_by_force(seconds: float) -> None:
    """End the process then: Python waits for threads, and nobody can stop one.

    The database rolls back what they had begun when their connections are gone.
    """
    sleep(seconds)
    others = {*threading.enumerate()} - {main_thread()}
    lost = sum(not thread.daemon for thread in others)
    logger.warning("The process ends by force; threads given up: %s", lost)
    for handler in logging.getLogger().handlers:
        handler.flush()
    os._exit(1)
