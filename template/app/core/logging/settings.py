"""``LOG_…``: levels, format and sampling."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from app.core.settings import Group, comma_separated

# In lower or upper case.
LogLevel = Annotated[
    Literal["debug", "info", "warning", "error", "critical"],
    BeforeValidator(lambda level: str(level).lower()),
]


def _log_levels(parts: object) -> object:
    if not isinstance(parts, list):
        return parts
    pairs = (part.partition("=") for part in parts)
    return {name.strip(): level.strip() for name, _, level in pairs}


# Validators run from last to first.
LogLevels = Annotated[
    dict[str, LogLevel],
    NoDecode,
    BeforeValidator(_log_levels),
    BeforeValidator(comma_separated),
]


class LogSettings(Group):
    """``LOG_…``: levels, format and sampling."""

    level: LogLevel = "info"
    # Levels of individual loggers: sqlalchemy.engine=info logs all statements.
    levels: LogLevels = Field(default={})
    # "auto" is "console" in development and "json" in production. With "none", the
    # service does not configure logging.
    format: Literal["auto", "console", "json", "none"] = "auto"
    # The share of requests that are logged. Failed requests, and those that take longer
    # than slow_request (seconds), are always logged.
    access_sampling: float = Field(default=1, ge=0, le=1)
    slow_request: float = Field(default=1, ge=0, le=3600)
