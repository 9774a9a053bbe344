"""Metrics for Prometheus."""

from app.core.metrics.metrics import BUCKETS, Metrics
from app.core.metrics.middleware import MetricsMiddleware
from app.core.metrics.router import metrics_router

__all__ = [
    "BUCKETS",
    "Metrics",
    "MetricsMiddleware",
    "metrics_router",
]
