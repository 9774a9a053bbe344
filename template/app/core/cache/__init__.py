"""A cache in Redis or Valkey. During an outage, reads are misses."""

from app.core.cache.cache import Cache, CacheKey
from app.core.cache.dependencies import CacheDep

__all__ = [
    "Cache",
    "CacheDep",
    "CacheKey",
]
