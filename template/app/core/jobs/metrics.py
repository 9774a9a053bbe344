"""Metrics of jobs."""

from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram

from app.core.metrics import Metrics

OUTCOMES = ("succeeded", "retried", "failed", "cancelled", "interrupted", "lost")
BUCKETS = (0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 900, 3600)


class JobMetrics:
    """Counts the jobs of one worker."""

    def __init__(self, metrics: Metrics, names: Iterable[str]) -> None:
        registry = metrics.registry
        self.attempts = Counter(
            "job_attempts_total",
            "Attempts of background jobs that have ended.",
            ["name", "outcome"],  # "job" is a label of Prometheus
            registry=registry,
        )
        self.durations = Histogram(
            "job_duration_seconds",
            "Duration of attempts of background jobs.",
            ["name"],
            buckets=BUCKETS,
            registry=registry,
        )
        self.running = Gauge(
            "jobs_running", "Background jobs that run at the moment.", registry=registry
        )
        self.waiting = Gauge(
            "jobs_waiting",
            "Background jobs that are due.",
            ["queue"],
            registry=registry,
        )
        self.oldest = Gauge(
            "jobs_oldest_seconds",
            "How long the oldest background job has been due.",
            ["queue"],
            registry=registry,
        )

        # From zero, so that Prometheus sees the first failure as an increase.
        for name in names:
            for outcome in OUTCOMES:
                self.attempts.labels(name, outcome)

    def count(self, name: str, outcome: str, seconds: float) -> None:
        """Count an attempt that has ended."""
        self.attempts.labels(name, outcome).inc()
        self.durations.labels(name).observe(seconds)

    def set_waiting(self, rows: list[tuple[str, int, float]]) -> None:
        """Set the number and age of due jobs by queue; queues without any have none."""
        self.waiting.clear()
        self.oldest.clear()
        for queue, count, age in rows:
            self.waiting.labels(queue).set(count)
            self.oldest.labels(queue).set(age)
