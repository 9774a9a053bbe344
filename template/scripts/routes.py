"""``uv run poe routes``: list all endpoints, who may call them, and their options."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from app.api.router import ROUTERS
from app.core.http import UNLIMITED, include_routers
from app.core.openapi import accepted_schemes, required_scopes
from app.core.request import RouteOptions, declared_options

ANYONE = "anyone"
OPTIONAL = "optional login"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint and what differs for it; sizes in bytes, times in seconds."""

    method: str
    path: str
    who: str
    max_body_size: int | None
    options: RouteOptions

    @property
    def is_public(self) -> bool:
        """True for an endpoint that needs no login."""
        return self.who in {ANYONE, OPTIONAL}

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
        who=_who(dependant),
        max_body_size=getattr(route, "max_body_size", None),
        options=declared_options(route),
    )


def _who(dependant: Dependant) -> str:
    """Return the permissions that an endpoint requires, or else who may call it."""
    schemes = accepted_schemes(dependant)
    names = {one.scheme_name for one in schemes if one}
    if scopes := required_scopes(dependant):
        return ", ".join(scopes)
    if names == {"OperatorKey"}:
        return "operators"
    if None in schemes:
        return OPTIONAL
    return "login" if names else ANYONE


if __name__ == "__main__":
    main()
