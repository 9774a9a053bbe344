"""A circuit breaker for Redis, which logs an outage once."""

import logging
from time import monotonic

from redis.exceptions import AskError, RedisError

# TimeoutError is an OSError. uvloop raises RuntimeError for a connection that closed
# during its setup.
FAILURES = (RedisError, OSError, RuntimeError)
CLUSTER = " (REDIS_URL leads to a cluster in which another node has the keys)"

logger = logging.getLogger(__name__)


class Outage:
    """Whether Redis failed a moment ago. The log tells the consequence."""

    def __init__(self, consequence: str, retry_after: float) -> None:
        self._consequence = consequence
        self._retry_after = retry_after
        self._until = 0.0

    @property
    def lasts(self) -> bool:
        """Whether to skip Redis."""
        return monotonic() < self._until

    def begin(self, error: BaseException) -> None:
        """Record a failure. Further failures of the same outage are not logged."""
        if self.lasts:
            return
        self._until = monotonic() + self._retry_after
        hint = CLUSTER if isinstance(error, AskError) else ""  # or MovedError
        kind = type(error).__name__
        logger.warning("%s: %s %s%s", self._consequence, kind, error, hint)

    def end(self) -> None:
        """Record that a command succeeded."""
        self._until = 0.0
