"""Counters of requests in sliding windows."""

from app.core.counters.limiter import RateLimiter, RateLimitPolicy

__all__ = [
    "RateLimitPolicy",
    "RateLimiter",
]
