"""Sliding window counters in Redis or Valkey, shared by all processes."""

import asyncio
import hmac

from limits import RateLimitItem
from limits.storage import RedisStorage
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from app.core.rate_limits.in_memory_counter import Hit
from app.core.redis import FAILURES, Outage, RedisSettings

# Two scripts of the library in one round trip: count, then return the counts.
SCRIPT = b"""
local function count()
%b
end
local function window(ARGV)
%b
end
local counted = count()
return {counted, unpack(window({ARGV[2]}))}
""" % (RedisStorage.SCRIPT_ACQUIRE_SLIDING_WINDOW, RedisStorage.SCRIPT_SLIDING_WINDOW)


class RedisCounter:
    """Counters shared by all processes; an outage is reported without waiting."""

    def __init__(self, settings: RedisSettings, secret: bytes = b"") -> None:
        self._settings = settings
        # With a secret, IP addresses cannot be guessed from the keys in Redis.
        self._secret = secret
        # One timeout for the whole command costs less than one for each step.
        pool = BlockingConnectionPool.from_url(
            settings.url.get_secret_value(),
            timeout=None,
            socket_connect_timeout=settings.timeout,
            socket_timeout=None,
            retry=Retry(NoBackoff(), 0),
            # After a failover, resolve the host name again to find the new primary.
            retry_on_error=[ResponseError],
        )
        self._redis = Redis.from_pool(pool)
        self._script = self._redis.register_script(SCRIPT)
        self._outage = Outage("Requests are not counted together", settings.retry_after)

    async def hit(self, rate: RateLimitItem, key: str) -> Hit | None:
        """Count a request unless the limit is reached; None during an outage."""
        if self._outage.lasts:
            return None
        digest = hmac.digest(self._secret, f"{rate} {key}".encode(), "sha256")
        name = f"{self._settings.key_prefix}:rates:{digest.hex()}"
        arguments = (rate.amount, rate.get_expiry(), 1)
        try:
            async with asyncio.timeout(self._settings.timeout):
                answer = await self._script([f"{name}:previous", name], arguments)
        except FAILURES as error:
            self._outage.begin(error)
            return None
        self._outage.end()
        counted, previous, previous_ttl, current, current_ttl = answer
        return Hit(
            bool(counted),
            int(previous or 0),
            max(0, previous_ttl) / 1000,
            int(current or 0),
            max(0, current_ttl) / 1000,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._redis.aclose()
