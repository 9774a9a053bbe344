"""Background jobs and schedules, kept in PostgreSQL."""

from app.core.jobs.definition import Job, JobContext, JobOptions, job
from app.core.jobs.dependencies import JobsDep
from app.core.jobs.enqueue import Jobs
from app.core.jobs.lifespan import Background, open_worker
from app.core.jobs.schedules import Schedule
from app.core.jobs.settings import JobSettings

__all__ = [
    "Background",
    "Job",
    "JobContext",
    "JobOptions",
    "JobSettings",
    "Jobs",
    "JobsDep",
    "Schedule",
    "job",
    "open_worker",
]
