"""Stopping without an error: first tell the load balancer, then the server."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import current_thread, main_thread
from types import FrameType


@dataclass(slots=True)
class Drain:
    """While it is draining, the process serves on, but says that it is not ready."""

    draining: bool = False


@contextmanager
def drain_before_stop(drain: Drain, seconds: float) -> Iterator[None]:
    """Let SIGTERM reach the server so much later; a second one stops it at once.

    Load balancers send requests until they have noticed that readiness fails.
    """
    server = signal.getsignal(signal.SIGTERM)
    if current_thread() is not main_thread() or not callable(server):
        yield  # a test or a command: nobody to tell
        return
    loop = asyncio.get_running_loop()

    def stop(number: int, frame: FrameType | None) -> None:
        if drain.draining:
            server(number, frame)
            server(signal.SIGINT, frame)  # after another signal: without waiting
            return
        drain.draining = True
        loop.call_soon_threadsafe(loop.call_later, seconds, server, number, None)

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, server)
