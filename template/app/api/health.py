"""What orchestrators ask: does the process live, and can it serve."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from app.core.dependencies import HealthChecksDep
from app.core.openapi import problems

router = APIRouter(prefix="/health", tags=["health"])


class Health(BaseModel):
    """The answer when all is well; anything else is a problem."""

    status: Literal["ok"] = "ok"


@router.get("/live", responses=problems(500))
async def get_liveness() -> Health:
    """Answer while the process runs; failing means: restart it."""
    return Health()


@router.get("/ready", responses=problems(500, 503))
async def get_readiness(checks: HealthChecksDep) -> Health:
    """Answer when the service can serve; failing means: send no requests for now."""
    await checks.require_ready()
    return Health()
