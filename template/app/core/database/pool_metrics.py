"""Metrics of connection pools."""

from sqlalchemy import QueuePool

from app.core.database.session import Database
from app.core.database.settings import DatabaseSettings
from app.core.metrics import Metrics


def watch_pool(
    metrics: Metrics, server: str, database: Database, settings: DatabaseSettings
) -> None:
    """Export the size and the limit of a connection pool."""
    pool = database.read_engine.pool
    assert isinstance(pool, QueuePool)  # noqa: S101
    in_use = metrics.pool_connections.labels(server, "in_use")
    idle = metrics.pool_connections.labels(server, "idle")
    metrics.pool_limit.labels(server).set(settings.pool_limit)

    def sample() -> None:
        in_use.set(pool.checkedout())
        idle.set(pool.checkedin())

    metrics.sample_with(sample)
