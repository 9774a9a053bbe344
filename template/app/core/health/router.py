"""Endpoints for probes of orchestrators, and a health report for operators."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from app.core.health.checks import HealthChecks, Result, Status
from app.core.openapi import problems
from app.core.operator_key import for_operators
from app.core.request import from_settings, from_state
from app.core.settings import AppSettings

health_router = APIRouter(prefix="/health", tags=["health"])
# Not in the OpenAPI document.
report_router = APIRouter(dependencies=[for_operators], include_in_schema=False)

CANNOT_SERVE = {Status.UNAVAILABLE, Status.DRAINING}

HealthChecksDep = Annotated[HealthChecks, from_state("health_checks")]


class Health(BaseModel):
    """The response of a healthy process; any other response is a problem."""

    status: Literal["ok"] = "ok"


class Report(BaseModel):
    """A full health report; the uptime is in seconds."""

    status: Status
    version: str
    environment: str
    uptime: float
    checks: Mapping[str, Result]


@health_router.get("/live", responses=problems(500))
async def get_liveness() -> Health:
    """Liveness probe. If it fails, restart the process."""
    return Health()


@health_router.get("/ready", responses=problems(500, 503))
async def get_readiness(checks: HealthChecksDep) -> Health:
    """Readiness probe. If it fails, send no requests for now."""
    await checks.require_ready()
    return Health()


async def get_report(
    checks: HealthChecksDep, settings: Annotated[AppSettings, from_settings("app")]
) -> Report:
    """Run all checks, or reuse their last results."""
    results = await checks.get_results()
    return Report(
        status=checks.get_status(results),
        version=settings.version,
        environment=settings.environment,
        uptime=checks.uptime,
        checks=results,
    )


@report_router.get("/health")
async def get_health(
    report: Annotated[Report, Depends(get_report)], response: Response
) -> Report:
    """Return the health of the process, with 503 when it cannot serve."""
    if report.status in CANNOT_SERVE:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return report
