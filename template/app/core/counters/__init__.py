"""Counters of requests in sliding windows, in memory or in Redis."""

from app.core.counters.limiter import RateLimiter, RateLimitPolicy

__all__ = [
    "RateLimitPolicy",
    "RateLimiter",
]
