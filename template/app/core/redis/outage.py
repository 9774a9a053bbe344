"""An outage of Redis: logged once, left alone for a while, then tried again."""

import logging
from time import monotonic

from redis.exceptions import AskError, RedisError

# TimeoutError is an OSError. uvloop raises RuntimeError for a connection that closed
# while it was set up.
FAILURES = (RedisError, OSError, RuntimeError)
CLUSTER = " (REDIS_URL leads to a cluster in which another node has the keys)"

logger = logging.getLogger(__name__)


class Outage:
    """Whether Redis failed a moment ago; the consequence is what the log tells."""

    def __init__(self, consequence: str, retry_after: float) -> None:
        self._consequence = consequence
        self._retry_after = retry_after
        self._until = 0.0

    @property
    def lasts(self) -> bool:
        """Whether to leave Redis alone."""
        return monotonic() < self._until

    def begin(self, error: BaseException) -> None:
        """Note a failure. While an outage lasts, further ones are not logged."""
        if self.lasts:
            return
        self._until = monotonic() + self._retry_after
        hint = CLUSTER if isinstance(error, AskError) else ""  # or MovedError
        kind = type(error).__name__
        logger.warning("%s: %s %s%s", self._consequence, kind, error, hint)

    def end(self) -> None:
        """Note that a command succeeded."""
        self._until = 0.0
