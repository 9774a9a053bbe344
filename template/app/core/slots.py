"""Places for a few at a time; the others wait for a while, on the event loop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import CapacityLimiter, fail_after

from app.core.exceptions import UnavailableError


class Slots:
    """A number of places, and how long to wait for one of them (in seconds)."""

    def __init__(self, number: int, *, timeout: float, busy: str) -> None:
        self._limiter = CapacityLimiter(number)
        self._timeout = timeout
        self._busy = busy

    @asynccontextmanager
    async def take(self) -> AsyncIterator[None]:
        """Hold a place; raises ``UnavailableError`` if none becomes free in time."""
        holder = object()
        try:
            with fail_after(self._timeout):
                await self._limiter.acquire_on_behalf_of(holder)
        except TimeoutError as error:
            raise UnavailableError(self._busy) from error
        try:
            yield
        finally:
            self._limiter.release_on_behalf_of(holder)
