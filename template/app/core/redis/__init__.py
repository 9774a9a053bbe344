"""Redis or Valkey: settings, and outages."""

from app.core.redis.outage import FAILURES, Outage
from app.core.redis.settings import RedisSettings

__all__ = [
    "FAILURES",
    "Outage",
    "RedisSettings",
]
