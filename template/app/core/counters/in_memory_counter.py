"""Sliding window counters in the memory of a process.

The algorithm is the sliding window counter of ``limits``: two counters per key. The
count of the previous window is weighted by the part of it that the sliding window
still covers.
"""

from collections import Counter
from math import floor
from time import monotonic
from typing import NamedTuple

from limits import RateLimitItem


class Hit(NamedTuple):
    """The result for a request, and the counts of both windows; times in seconds."""

    allowed: bool
    previous: int
    previous_ttl: float
    current: int
    current_ttl: float


class InMemoryCounter:
    """The counters of this process for one rate.

    The library's in-memory storage scans all keys for expired ones again and again;
    here, all counters of a window are dropped at once.
    """

    def __init__(self, rate: RateLimitItem) -> None:
        self._amount = rate.amount
        self._seconds = rate.get_expiry()
        self._window = 0
        self.previous: Counter[str] = Counter()
        self.current: Counter[str] = Counter()

    def hit(self, key: str) -> Hit:
        """Count a request unless the limit is reached."""
        window, gone = divmod(monotonic(), self._seconds)
        if window != self._window:
            self._turn_to(int(window))
        left = self._seconds - gone
        previous, current = self.previous[key], self.current[key]
        allowed = floor(previous * left / self._seconds) + current < self._amount
        if allowed:
            self.current[key] = current = current + 1
        return Hit(allowed, previous, left, current, left + self._seconds)

    def take_back(self, key: str) -> None:
        """Remove the latest request that was counted."""
        for counts in (self.current, self.previous):
            if counts[key]:
                counts[key] -= 1
                return

    def _turn_to(self, window: int) -> None:
        is_next = window == self._window + 1
        self.previous = self.current if is_next else Counter()
        self.current = Counter()
        self._window = window
