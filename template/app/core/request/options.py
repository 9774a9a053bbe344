"""The options of an endpoint, which middleware reads from the route."""

from typing import Literal

from fastapi.routing import RouteContext
from pydantic import BaseModel, ConfigDict, Field

from app.core.settings import Rate


class RouteOptions(BaseModel):
    """Options of one endpoint, as its decorator declares them in ``EndpointOptions``.

    An option that is None has the value of the settings. Times are in seconds.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid", frozen=True)

    cache_control: str | None = Field(default=None, pattern=r"^[\x21-\x7e ]+$")
    deadline: float | None = Field(default=None, gt=0)
    statement_timeout: float | None = Field(default=None, gt=0)
    rate_limit: Rate | Literal[False] | None = None
    access_sampling: float | None = Field(default=None, ge=0, le=1)
    stream: bool = False


DEFAULTS = RouteOptions()


def declared_options(route: RouteContext) -> RouteOptions:
    """Return the options of a route; other kinds of routes have the defaults."""
    options: RouteOptions = getattr(route.original_route, "options", DEFAULTS)
    return options
