"""Sliding window counters in Redis or Valkey, shared by all processes."""

import asyncio
import hmac
from typing import Any

from limits import RateLimitItem
from limits.storage import RedisStorage
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import ResponseError

from app.core.counters.in_memory_counter import Hit
from app.core.redis import FAILURES, Outage, RedisSettings

# Two scripts of the library in one round trip: count, then return the counts.
HIT = b"""
local function count()
%b
end
local function window(ARGV)
%b
end
local allowed = count()
return {allowed, unpack(window({ARGV[2]}))}
""" % (RedisStorage.SCRIPT_ACQUIRE_SLIDING_WINDOW, RedisStorage.SCRIPT_SLIDING_WINDOW)

TAKE_BACK = b"""
for _, key in ipairs({KEYS[2], KEYS[1]}) do
    if tonumber(redis.call('get', key) or 0) > 0 then
        redis.call('decr', key)
        return true
    end
end
return false
"""


class RedisCounter:
    """Counters shared by all processes; an outage is reported without waiting."""

    def __init__(self, settings: RedisSettings, secret: bytes = b"") -> None:
        self._settings = settings
        # With a secret, no e-mail or IP address can be guessed from the keys in Redis.
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
        self._hit = self._redis.register_script(HIT)
        self._take_back = self._redis.register_script(TAKE_BACK)
        self._outage = Outage("Requests are not counted together", settings.retry_after)

    async def hit(self, rate: RateLimitItem, key: str) -> Hit | None:
        """Count a request unless the limit is reached; None during an outage."""
        arguments = (rate.amount, rate.get_expiry(), 1)
        reply = await self._run(self._hit, rate, key, arguments)
        if reply is None:
            return None
        allowed, previous, previous_ttl, current, current_ttl = reply
        return Hit(
            bool(allowed),
            int(previous or 0),
            max(0, previous_ttl) / 1000,
            int(current or 0),
            max(0, current_ttl) / 1000,
        )

    async def take_back(self, rate: RateLimitItem, key: str) -> bool:
        """Remove the latest request; return False if none is counted in Redis."""
        return bool(await self._run(self._take_back, rate, key))

    async def close(self) -> None:
        """Close all connections."""
        await self._redis.aclose()

    async def _run(
        self,
        script: AsyncScript,
        rate: RateLimitItem,
        key: str,
        arguments: tuple[int, ...] = (),
    ) -> Any:  # noqa: ANN401
        """Run a script on the counters of a key; return None during an outage."""
        if self._outage.lasts:
            return None
        digest = hmac.digest(self._secret, f"{rate} {key}".encode(), "sha256")
        # The prefix is a hash tag: a cluster has both keys of a script on one node.
        name = f"{self._settings.key_prefix}:rates:{digest.hex()}"
        try:
            async with asyncio.timeout(self._settings.timeout):
                reply = await script([f"{name}:previous", name], arguments)
        except FAILURES as error:
            self._outage.begin(error)
            return None
        self._outage.end()
        return reply
