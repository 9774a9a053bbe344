"""``JOBS_…``: the worker for background jobs; times are in seconds."""

from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from app.core.settings import Group, comma_separated


class JobSettings(Group):
    """``JOBS_…``: the worker for background jobs; times are in seconds."""

    # Whether the server runs a worker as well, instead of ``python -m app.worker``.
    in_process: bool = False
    # Jobs that run at the same time, per worker.
    concurrency: int = Field(default=10, ge=1, le=1000)
    # The queues that a worker serves, separated by commas; all if empty.
    queues: Annotated[tuple[str, ...], NoDecode, BeforeValidator(comma_separated)] = ()
    # How often an idle worker looks for jobs: the usual delay of a job.
    poll_interval: float = Field(default=0.5, ge=0.05, le=60)
    # If a worker is killed or frozen, its jobs run elsewhere after this time.
    lease: float = Field(default=30, ge=3, le=3600)
    # How long finished and failed jobs are kept.
    retention: int = Field(default=7 * 24 * 3600, ge=60, le=366 * 24 * 3600)
