"""``uv run poe routes``: list all endpoints, who may call them, and their options."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts
from fastapi.security.base import SecurityBase

from app.api.router import ROUTERS
from app.core.http import UNLIMITED, identity_checks, include_routers
from app.core.request import RouteOptions, declared_options

ANYONE = "anyone"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint and what differs for it; sizes in bytes, times in seconds."""

    method: str
    path: str
    who: str
    max_body_size: int | None
    options: RouteOptions

    def __str__(self) -> str:
        """Return a line of the table."""
        options = ", ".join(self._shown())
        return f"{self.method:9} {self.path:44} {self.who:28} {options}".rstrip()

    def _shown(self) -> Iterator[str]:
        given = self.options.model_dump(exclude_defaults=True)
        if self.max_body_size is not None:
            given["max_body_size"] = self.max_body_size
        for name, value in sorted(given.items()):
            limit = "unlimited" if value == UNLIMITED else value
            yield name if value is True else f"{name}={limit}"


def main() -> None:
    """Print a table."""
    for endpoint in sorted(endpoints(), key=lambda one: (one.path, one.method)):
        print(endpoint)


def endpoints() -> Iterator[Endpoint]:
    """Yield all endpoints of ``app.api.router``."""
    app = FastAPI(openapi_url=None)
    include_routers(app, ROUTERS)
    for route in iter_route_contexts(app.routes):
        if dependant := getattr(route, "dependant", None):
            yield _endpoint(route, dependant)


def _endpoint(route: RouteContext, dependant: Dependant) -> Endpoint:
    return Endpoint(
        method=next(iter(route.methods or ["WEBSOCKET"])),
        path=str(route.path_format),
        who=", ".join(dict.fromkeys(_who(dependant))) or ANYONE,
        max_body_size=getattr(route, "max_body_size", None),
        options=declared_options(route),
    )


def _who(dependant: Dependant) -> Iterator[str]:
    """Yield the permissions that an endpoint requires, or else its security schemes."""
    checks = [*identity_checks(dependant)]
    scopes = [
        *chain.from_iterable(one.parent_oauth_scopes or () for one in checks),
        *chain.from_iterable(one.own_oauth_scopes or () for one in checks),
    ]
    inner = chain.from_iterable((one, *one.dependencies) for one in checks)
    calls: Iterator[Any] = (one.call for one in inner)
    schemes = (one.scheme_name for one in calls if isinstance(one, SecurityBase))
    return iter(scopes or schemes)


if __name__ == "__main__":
    main()
