"""Routers and routes: dispatch to endpoints, and check requests before they run."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, NoReturn

import fastapi.routing
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from app.core.http.bodies import JsonRequest
from app.core.http.request_validation import (
    check_media_type,
    reject_undocumented_request,
)
from app.core.openapi import problems
from app.core.request import RequestContext


class APIRoute(fastapi.routing.APIRoute):
    """FastAPI's route; rejects requests that violate the OpenAPI document.

    A dependency could do the same, but would take six times as long.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the function that serves a request; it parses JSON strictly."""
        handle = super().get_route_handler()
        if self.body_field is None and "requestBody" not in (self.openapi_extra or {}):

            async def handle_checked(request: Request) -> Response:
                reject_undocumented_request(request)
                return await handle(request)

            return handle_checked

        async def handle_body(request: Request) -> Response:
            reject_undocumented_request(request)
            try:
                return await handle(JsonRequest(request.scope, request.receive))
            except RequestValidationError as error:
                check_media_type(request, error)
                raise

        return handle_body


class APIRouter(fastapi.APIRouter):
    """FastAPI's router, with routes that ``DispatchRoute`` can dispatch to."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        super().__init__(route_class=APIRoute, **options)

    def add_api_route(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        """Add a route, with the router's form limits unless it has its own."""
        limits = self.form_limits | (options.get("form_limits") or {})
        super().add_api_route(*args, **options | {"form_limits": limits})

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Search the routes only for paths that may have this router's prefix."""
        fixed, _, _ = self.prefix.partition("{")
        return super().matches(scope) if fixed in scope["path"] else (Match.NONE, {})


class DispatchRoute(BaseRoute):
    """The first route of the application: dispatches to the route that was resolved.

    FastAPI would search all included routers again, twice. It still searches when no
    ``APIRoute`` takes the request: for mounts, other kinds of routes, 404 and 405.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match if the route of the request is an ``APIRoute``."""
        context: RequestContext | None = scope.get("state", {}).get("context")
        found = context and context.route
        if found and found.takes_method:
            route = found.route.original_route
            if isinstance(route, APIRoute):
                return Match.FULL, {**found.changes, "route": route}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        await scope["state"]["context"].route.route.app(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> NoReturn:  # noqa: ANN401
        """Raise an error, because all routes are found under their own names."""
        raise NoMatchFound(name, path_params)


def include_routers(app: FastAPI, routers: Mapping[str, Sequence[APIRouter]]) -> None:
    """Add all endpoints, by the prefix of their paths. Routes are tried in order."""
    for prefix, group in routers.items():
        for router in group:
            include_router(app, router, prefix)


def include_router(app: FastAPI, router: APIRouter, prefix: str) -> None:
    """Add the endpoints of a router, with the problems that any of them may return."""
    app.include_router(
        router,
        prefix=prefix,
        responses=problems(400, 406, 408, 413, 415, 422, 429, 500, 503, 504),
    )


def build_routes(app: FastAPI) -> None:
    """Build what FastAPI would otherwise build during the first request."""
    list(fastapi.routing.iter_route_contexts(app.routes))
