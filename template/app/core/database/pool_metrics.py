"""Metrics of connection pools."""

from sqlalchemy import Pool, QueuePool

from app.core.database.session import Database
from app.core.database.settings import DatabaseSettings
from app.core.metrics import Metrics


def watch_pools(
    metrics: Metrics, database: Database, settings: DatabaseSettings
) -> None:
    """Export the size and the limit of each connection pool."""
    engines = {"primary": database.read_engine}
    if settings.replica_url:
        engines["replica"] = database.replica_engine
    for server, engine in engines.items():
        metrics.pool_limit.labels(server).set(settings.pool_limit)
        _watch(metrics, server, engine.pool)


def _watch(metrics: Metrics, server: str, pool: Pool) -> None:
    assert isinstance(pool, QueuePool)  # noqa: S101
    in_use = metrics.pool_connections.labels(server, "in_use")
    idle = metrics.pool_connections.labels(server, "idle")

    def sample() -> None:
        in_use.set(pool.checkedout())
        idle.set(pool.checkedin())

    metrics.sample_with(sample)
