"""Counters in memory, and the limiter that uses them."""

from random import Random

import pytest
from limits import parse

from app.core.counters import RateLimitPolicy
from app.core.counters.in_memory_counter import InMemoryCounter

CLOCK = "app.core.counters.in_memory_counter.monotonic"


def test_retry_after_is_neither_too_short_nor_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whenever requests come, however full both windows are."""
    rate = parse("5 per 1 minute")
    policy, counter = RateLimitPolicy("few", rate), InMemoryCounter(rate)
    moments = Random(7)  # noqa: S311
    now, refused = 1e9, 0
    monkeypatch.setattr(CLOCK, lambda: now)
    for _ in range(500):
        now += moments.uniform(0, 10)
        hit = counter.hit("a client")
        remaining, wait = policy.left(hit)
        if not hit.allowed:
            refused += 1
            now += wait - 1
            assert remaining == 0
            assert wait == 1 or not counter.hit("a client").allowed
            now += 1
            assert counter.hit("a client").allowed
    assert refused > 50


def test_old_counters_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many clients there were, and without looking through all of them."""
    counters = InMemoryCounter(parse("1 per 1 minute"))
    for minute in range(1, 6):
        now = 60 * minute
        monkeypatch.setattr(CLOCK, lambda now=now: now)
        assert all(counters.hit(f"{minute} {key}").allowed for key in range(100))
        assert not counters.hit(f"{minute} 7").allowed
    assert len(counters.current) + len(counters.previous) == 200


def test_requests_that_are_taken_back_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also those of the window before, and never more than there were."""
    counter, now = InMemoryCounter(parse("2 per 1 minute")), 600
    monkeypatch.setattr(CLOCK, lambda: now)
    counter.take_back("a client")
    for moment, allowed in ((659, True), (659, True), (660, False), (660, True)):
        now = moment
        hit = counter.hit("a client")
        assert hit.allowed is allowed
        if not allowed:
            counter.take_back("a client")
    assert (counter.previous["a client"], counter.current["a client"]) == (1, 1)
