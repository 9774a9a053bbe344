"""What operators ask: how is the process, and what has it counted."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response
from pydantic import BaseModel

from app.core.dependencies import HealthChecksDep, MetricsDep, SettingsDep
from app.core.health import Result, Status
from app.core.operators import for_operators

# Not part of the contract with clients.
router = APIRouter(dependencies=[for_operators], include_in_schema=False)

CANNOT_SERVE = {Status.UNAVAILABLE, Status.DRAINING}


class Report(BaseModel):
    """How the process is, in full; the uptime is in seconds."""

    status: Status
    version: str
    environment: str
    uptime: float
    checks: Mapping[str, Result]


async def get_report(checks: HealthChecksDep, settings: SettingsDep) -> Report:
    """Ask everything, or use what was answered a moment ago."""
    results = await checks.get_results()
    return Report(
        status=checks.get_status(results),
        version=settings.app.version,
        environment=settings.app.environment,
        uptime=checks.uptime,
        checks=results,
    )


@router.get("/health")
async def get_health(
    report: Annotated[Report, Depends(get_report)], response: Response
) -> Report:
    """Report how the process is, with 503 when it cannot serve."""
    if report.status in CANNOT_SERVE:
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return report


@router.get("/metrics")
def get_metrics(metrics: MetricsDep, accept: Annotated[str, Header()] = "") -> Response:
    """Answer Prometheus, in the format it asks for."""
    content, media_type = metrics.expose(accept)
    return Response(content, media_type=media_type)
