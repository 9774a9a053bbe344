"""A concurrency limit with a bounded wait, on the event loop."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from math import inf

from anyio import CapacityLimiter, WouldBlock, fail_after

from app.core.errors import UnavailableError


class ConcurrencyLimit:
    """A number of places and a bounded queue of requests; times in seconds."""

    def __init__(
        self, number: int, *, timeout: float, message: str, queue: float = inf
    ) -> None:
        self._limiter = CapacityLimiter(number)
        self._timeout = timeout
        self._message = message
        self._queue = queue
        self._waiting: Counter[str] = Counter()

    @asynccontextmanager
    async def acquire(self, client: str = "") -> AsyncIterator[None]:
        """Hold a place. One client may take up half of the queue.

        Raises ``UnavailableError`` if the queue is full or no place is free in time.
        """
        holder = object()
        try:
            self._limiter.acquire_on_behalf_of_nowait(holder)
        except WouldBlock:
            await self._wait(holder, client)
        try:
            yield
        finally:
            self._limiter.release_on_behalf_of(holder)

    async def _wait(self, holder: object, client: str) -> None:
        try:
            with self._queue_up(client), fail_after(self._timeout):
                await self._limiter.acquire_on_behalf_of(holder)
        except TimeoutError as error:
            raise UnavailableError(self._message) from error

    @contextmanager
    def _queue_up(self, client: str) -> Iterator[None]:
        is_full = self._waiting.total() >= self._queue
        if is_full or self._waiting[client] >= self._queue / 2:
            raise UnavailableError(self._message)
        self._waiting[client] += 1
        try:
            yield
        finally:
            self._waiting[client] -= 1
            self._waiting += Counter()  # keeps those above zero
