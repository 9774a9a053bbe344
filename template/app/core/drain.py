"""Stopping: first tell the load balancer, then the server, and end in any case."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread, current_thread, main_thread
from time import sleep

import uvicorn

# From orchestrators, and from a terminal that is closed; nohup ignores the latter.
SIGNALS = (signal.SIGTERM, signal.SIGHUP)
# For pools, logs and traces, when nothing is served any more.
LAST_SECONDS = 5

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Drain:
    """While it is draining, the process serves on, but says that it is not ready."""

    draining: bool = False


@contextmanager
def drain_before_stop(drain: Drain, seconds: float) -> Iterator[None]:
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
                end_in(LAST_SECONDS)
            return
        drain.draining = True
        loop.call_soon_threadsafe(loop.call_later, seconds, stop_server)
        end_in(seconds + (limit or 0) + LAST_SECONDS)

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
        end_in(LAST_SECONDS)


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
