"""Metrics of calls to other services."""

from prometheus_client import Histogram

from app.core.metrics import BUCKETS, Metrics

# Bounds the number of series, in case URLs come from clients.
MAX_HOSTS = 50
OTHER = "other"


class CallMetrics:
    """Counts and times each attempt, by host and outcome."""

    def __init__(self, metrics: Metrics) -> None:
        self._hosts: set[str] = set()
        self._durations = Histogram(
            "outbound_request_duration_seconds",
            "Duration of calls to other services, per attempt.",
            ["host", "outcome"],
            buckets=BUCKETS,
            registry=metrics.registry,
        )

    def count(self, host: str, outcome: str, seconds: float) -> None:
        """Count an attempt; ``outcome`` is for example ``2xx`` or ``timeout``."""
        if len(self._hosts) < MAX_HOSTS:
            self._hosts.add(host)
        name = host if host in self._hosts else OTHER
        self._durations.labels(name, outcome).observe(seconds)
