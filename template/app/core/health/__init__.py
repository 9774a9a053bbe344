"""Health checks, and probes for orchestrators."""

from app.core.health.checks import HealthChecks
from app.core.health.router import health_router, report_router

__all__ = [
    "HealthChecks",
    "health_router",
    "report_router",
]
