"""Routers: typed options of endpoints, and dispatch to the resolved route."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from operator import or_
from types import UnionType
from typing import Any, NoReturn, TypeVar, Unpack, get_args

import fastapi.routing
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIWebSocketRoute
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from app.core.http.endpoint_options import EndpointOptions
from app.core.http.route import APIRoute
from app.core.openapi import identity_checks, problems
from app.core.request import RequestContext, RouteOptions, declared_options

# With these words, a cache may send a response to other clients (RFC 9111).
SHARED = ("public", "s-maxage")
OWN_OPTIONS = RouteOptions.model_fields.keys()

F = TypeVar("F", bound=Callable[..., Any])


class APIRouter(fastapi.APIRouter):
    """FastAPI's router, with routes that ``DispatchRoute`` can dispatch to."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        super().__init__(route_class=APIRoute, **options)

    def add_api_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        etag: bool = False,
        **options: Any,  # noqa: ANN401
    ) -> None:
        """Add a route, with the router's form limits unless it has its own.

        Raises ``TypeError`` for an unknown option, and ``ValueError`` for a wrong one.
        """
        own = {name: options.pop(name) for name in OWN_OPTIONS & options.keys()}
        options["form_limits"] = self.form_limits | (options.get("form_limits") or {})
        try:
            own_options = RouteOptions(**own)
            route_class: Any = partial(APIRoute, own_options=own_options, etag=etag)
            super().add_api_route(
                path, endpoint, route_class_override=route_class, **options
            )
        except (RuntimeError, TypeError, ValueError) as error:
            name = getattr(endpoint, "__qualname__", repr(endpoint))
            error.add_note(f"The endpoint is {endpoint.__module__}.{name}.")
            raise

    def include_router(
        self,
        router: fastapi.APIRouter,
        **options: Any,  # noqa: ANN401
    ) -> None:
        """Include the endpoints of another router, which has its own form limits."""
        if options.get("form_limits"):
            raise TypeError("form_limits is an option of routers and endpoints")
        super().include_router(router, **options)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Search the routes only for paths that may have this router's prefix."""
        fixed, _, _ = self.prefix.partition("{")
        return super().matches(scope) if fixed in scope["path"] else (Match.NONE, {})

    def get(self, path: str, **options: Unpack[EndpointOptions]) -> Callable[[F], F]:
        """Add an endpoint for GET and HEAD."""
        return self._add("GET", path, **options)

    def put(self, path: str, **options: Unpack[EndpointOptions]) -> Callable[[F], F]:
        """Add an endpoint for PUT."""
        return self._add("PUT", path, **options)

    def post(self, path: str, **options: Unpack[EndpointOptions]) -> Callable[[F], F]:
        """Add an endpoint for POST."""
        return self._add("POST", path, **options)

    def patch(self, path: str, **options: Unpack[EndpointOptions]) -> Callable[[F], F]:
        """Add an endpoint for PATCH."""
        return self._add("PATCH", path, **options)

    def delete(self, path: str, **options: Unpack[EndpointOptions]) -> Callable[[F], F]:
        """Add an endpoint for DELETE."""
        return self._add("DELETE", path, **options)

    def _add(self, method: str, path: str, **options: Any) -> Callable[[F], F]:  # noqa: ANN401
        def add(endpoint: F) -> F:
            given = _response_options(endpoint) | options
            self.add_api_route(path, endpoint, methods=[method], **given)
            return endpoint

        return add


class DispatchRoute(BaseRoute):
    """The first route of the application: dispatches to the route that was resolved.

    FastAPI would search all included routers again, twice. It still searches for
    mounts, routes of Starlette, 404 and 405.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match if the route of the request is one of FastAPI."""
        context: RequestContext | None = scope.get("state", {}).get("context")
        found = context and context.route
        if found and found.takes_method:
            route = found.route.original_route
            if isinstance(route, APIRoute | APIWebSocketRoute):
                return Match.FULL, {**found.changes, "route": route}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request or a WebSocket."""
        await scope["state"]["context"].route.route.app(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> NoReturn:  # noqa: ANN401
        """Raise an error, because all routes are found under their own names."""
        raise NoMatchFound(name, path_params)


def _response_options(endpoint: Callable[..., Any]) -> dict[str, Any]:
    """Return what the return type says, where FastAPI does not read it.

    It does not accept ``-> Schema | Response``, and documents JSON for other responses.
    """
    annotation = inspect.get_annotations(endpoint).get("return")
    types = get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Response):
        return {} if annotation is Response else {"response_class": annotation}
    if not isinstance(annotation, UnionType) or Response not in types:
        return {}
    schemas = (one for one in types if one is not Response)
    return {"response_model": reduce(or_, schemas)}


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
    """Build what FastAPI would otherwise build during the first request.

    Raises ``TypeError`` for a WebSocket with a dependency that takes a request.
    """
    for route in fastapi.routing.iter_route_contexts(app.routes):
        is_websocket = isinstance(route.original_route, APIWebSocketRoute)
        if is_websocket and (name := _name_with_request(route.dependant)):
            raise TypeError(
                f"The WebSocket {route.path} depends on {name}, which takes a Request"
                " and lasts as long as it. Open a session for each message instead:"
                " docs/http.md says how."
            )


def check_options(app: FastAPI, deadline: float) -> None:
    """Raise ``ValueError`` for options that contradict what is around an endpoint.

    ``deadline`` is that of endpoints without their own, in seconds.
    """
    for route in fastapi.routing.iter_route_contexts(app.routes):
        options = declared_options(route)
        ends = options.deadline or deadline
        if options.statement_timeout and options.statement_timeout > ends:
            raise ValueError(
                f"statement_timeout of {route.name} is above its deadline of {ends} s"
            )
        is_shared = any(word in (options.cache_control or "") for word in SHARED)
        if is_shared and any(identity_checks(route.dependant)):
            raise ValueError(
                f"cache_control of {route.name} would share the response to one user"
            )


def _name_with_request(dependant: Dependant) -> str:
    """Return the name of the first dependency that takes a request."""
    if dependant.request_param_name:
        return getattr(dependant.call, "__name__", repr(dependant.call))
    return next(filter(None, map(_name_with_request, dependant.dependencies)), "")
