"""Counters of requests in windows that slide.

The algorithm is the sliding window counter of ``limits``: there are two counters for a
key, however many requests it makes. What was counted in the last window weighs as much
as of that window is still in sight.
"""

from collections import Counter
from math import floor
from time import monotonic
from typing import NamedTuple

from limits import RateLimitItem


class Hit(NamedTuple):
    """Whether a request found room, and what both windows hold; times in seconds."""

    counted: bool
    previous: int
    previous_ttl: float
    current: int
    current_ttl: float


class InMemoryCounter:
    """Counters of this process for one rate.

    The library keeps its own in memory by looking through all keys, again and again,
    for what has expired; here all of a window are dropped at once.
    """

    def __init__(self, rate: RateLimitItem) -> None:
        self._amount = rate.amount
        self._seconds = rate.get_expiry()
        self._window = 0
        self.previous: Counter[str] = Counter()
        self.current: Counter[str] = Counter()

    def hit(self, key: str) -> Hit:
        """Count a request if there is room for it."""
        window, gone = divmod(monotonic(), self._seconds)
        if window != self._window:
            self._turn_to(int(window))
        left = self._seconds - gone
        previous, current = self.previous[key], self.current[key]
        counted = floor(previous * left / self._seconds) + current < self._amount
        if counted:
            self.current[key] = current = current + 1
        return Hit(counted, previous, left, current, left + self._seconds)

    def _turn_to(self, window: int) -> None:
        is_next = window == self._window + 1
        self.previous = self.current if is_next else Counter()
        self.current = Counter()
        self._window = window
