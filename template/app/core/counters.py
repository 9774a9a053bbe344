"""Counters of requests in windows that slide.

The algorithm is the sliding window counter of ``limits``: there are two counters for a
key, however many requests it makes. What was counted in the last window weighs as much
as of that window is still in sight.
"""

from collections import Counter
from typing import NamedTuple

from limits import RateLimitItem
from limits.storage import MemoryStorage


class Hit(NamedTuple):
    """Whether a request found room, and what both windows hold; times in seconds."""

    counted: bool
    previous: int
    previous_ttl: float
    current: int
    current_ttl: float


class OwnCounters(MemoryStorage):
    """Counters of this process for one rate.

    The library looks through all keys at every hit to find what has expired. As keys
    end in the number of their window, here all of a window are dropped at once.
    """

    def __init__(self, rate: RateLimitItem) -> None:
        super().__init__()
        self._amount = rate.amount
        self._seconds = rate.get_expiry()
        self._window = ""
        self.previous: Counter[str] = Counter()

    def hit(self, key: str) -> Hit:
        """Count a request if there is room for it."""
        counted = self.acquire_sliding_window_entry(key, self._amount, self._seconds)
        return Hit(counted, *self.get_sliding_window(key, self._seconds))

    def get(self, key: str) -> int:
        """Return a counter."""
        return self.storage.get(key, 0) or self.previous.get(key, 0)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:  # noqa: ARG002
        """Raise a counter and return it."""
        window = key.rpartition("/")[2]
        if window != self._window:
            self._window = window
            self.previous, self.storage = self.storage, Counter()
        self.storage[key] += amount
        return self.storage[key]
