"""Counters in Redis, which all processes share."""

import asyncio
from uuid import uuid4

import pytest
from limits import parse
from redis.asyncio.connection import AbstractConnection

from app.core.counters import RateLimiter, RateLimitPolicy
from app.core.errors import UnavailableError
from app.settings import Settings
from tests.support.redis_servers import cluster, valkey, with_redis
from tests.support.settings import changed

REFUSING = "redis://127.0.0.1:1/0"  # no server listens there
ONCE = RateLimitPolicy("once", parse("1 per 1 month"))


@pytest.fixture
def fresh(settings: Settings) -> Settings:
    """Settings without counters."""
    return changed(settings, "redis", prefix=uuid4().hex)


@pytest.mark.parametrize("is_outage", [False, True])
def test_requests_that_are_taken_back_do_not_count(
    fresh: Settings, *, is_outage: bool
) -> None:
    settings = with_redis(fresh, REFUSING) if is_outage else fresh

    async def count() -> list[bool]:
        limiter = RateLimiter(settings.redis)
        await limiter.take_back(ONCE, "a client")
        hits = []
        for _ in range(2):
            hits.append(await limiter.hit(ONCE, "a client"))
            hits.append(await limiter.hit(ONCE, "a client"))
            await limiter.take_back(ONCE, "a client")
        await limiter.close()
        return [hit.allowed for hit in hits]

    assert asyncio.run(count()) == [True, False, True, False]


def test_shared_counters_tell_times_in_seconds(fresh: Settings) -> None:
    async def count() -> None:
        limiter = RateLimiter(fresh.redis)
        policy = RateLimitPolicy("few", parse("5 per 1 minute"))
        found = await limiter.hit(policy, "a client", fail_closed=True)
        await limiter.close()
        assert found[:4] == (True, 0, 0, 1)
        assert 110 < found.current_ttl <= 120  # a window of 60, and the next one

    asyncio.run(count())


def test_a_cluster_of_one_node_counts(settings: Settings) -> None:
    async def count(url: str) -> None:
        redis = with_redis(settings, url).redis
        limiters = [RateLimiter(redis) for _ in range(2)]
        for _ in range(2):
            hits = [
                await limiter.hit(ONCE, "a client", fail_closed=True)
                for limiter in limiters
            ]
            assert [hit.allowed for hit in hits] == [True, False]
            await limiters[1].take_back(ONCE, "a client")
        for limiter in limiters:
            await limiter.close()

    with cluster() as url:
        asyncio.run(count(url))


def test_connection_that_closes_while_it_is_set_up_is_an_outage(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redis-py does not wrap what uvloop raises for a connection by TCP."""

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the handler is closed")

    async def count(url: str) -> None:
        limiter = RateLimiter(with_redis(settings, url, retry_after=0.01).redis)
        with monkeypatch.context() as patch:
            patch.setattr(AbstractConnection, "send_packed_command", fail)
            with pytest.raises(UnavailableError):
                await limiter.ping()
        await asyncio.sleep(0.01)
        await limiter.ping()
        await limiter.close()

    with valkey() as (url, _):
        asyncio.run(count(url))
