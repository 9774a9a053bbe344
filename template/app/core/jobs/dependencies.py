"""The dependency that enqueues jobs."""

from typing import Annotated

from fastapi import Depends

from app.core.database import SessionDep
from app.core.jobs.enqueue import Jobs


async def get_jobs(session: SessionDep) -> Jobs:
    """Return ``Jobs`` in the transaction of the request."""
    return Jobs(session)


JobsDep = Annotated[Jobs, Depends(get_jobs)]
