"""How calls of other services end, and how long they take."""

from prometheus_client import Histogram

from app.core.metrics import BUCKETS, Metrics

# Who calls addresses that others have given would have as many series as they like.
MAX_HOSTS = 50
OTHER = "other"


class CallMetrics:
    """Counts and times each attempt, by host and outcome."""

    def __init__(self, metrics: Metrics) -> None:
        self._hosts: set[str] = set()
        self._durations = Histogram(
            "outbound_request_duration_seconds",
            "How long calls of other services took, each attempt by itself.",
            ["host", "outcome"],
            buckets=BUCKETS,
            registry=metrics.registry,
        )

    def count(self, host: str, outcome: str, seconds: float) -> None:
        """Count an attempt; its outcome is like ``2xx``, ``timeout`` or ``error``."""
        if len(self._hosts) < MAX_HOSTS:
            self._hosts.add(host)
        name = host if host in self._hosts else OTHER
        self._durations.labels(name, outcome).observe(seconds)
