"""How busy the pool is."""

from sqlalchemy import QueuePool

from app.core.metrics import Metrics
from app.core.settings import DatabaseSettings
from app.database.session import Database


def watch_pool(
    metrics: Metrics, database: Database, settings: DatabaseSettings
) -> None:
    """Let the metrics tell how many connections there are and may be."""
    metrics.pool_limit.set(settings.pool_limit)
    in_use = metrics.pool_connections.labels("in_use")
    idle = metrics.pool_connections.labels("idle")

    def sample() -> None:
        pool = database.engine.pool
        assert isinstance(pool, QueuePool)  # noqa: S101
        in_use.set(pool.checkedout())
        idle.set(pool.checkedin())

    metrics.sample_with(sample)
