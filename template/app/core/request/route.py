"""The route of a request, resolved once for all middleware and the router."""

import re
from collections.abc import Callable
from re import Pattern
from typing import TypeAlias

from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts
from opentelemetry.trace import get_current_span
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from app.core.request.context import RequestContext, ResolvedRoute
from app.core.request.middleware import HttpMiddleware, local_path
from app.core.request.options import DEFAULTS, RouteOptions, declared_options

Matches: TypeAlias = Callable[[Scope], tuple[Match, Scope]]
Candidate: TypeAlias = tuple[Pattern[str], Matches, RouteContext, RouteOptions]

UNMATCHED = "unmatched"
ANY_PATH = re.compile("")


class RouteMiddleware(HttpMiddleware):
    """Resolve the route of each request, for all middleware and the router.

    The first route that takes the method counts, else the first that has the path, as
    for FastAPI. HEAD has the route of GET. Middleware that changes paths comes before.
    """

    routes: list[Candidate] | None = None

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if self.routes is None:  # all routes are there once requests arrive
            self.routes = _candidates(scope["app"])
        context: RequestContext = scope["state"]["context"]
        context.route, context.options = _resolve(scope, self.routes)
        if context.route and context.route.takes_method:
            _name_span(scope["method"], route_template(scope))
        await self.app(scope, receive, send)


def route_template(scope: Scope) -> str:
    """Return for example ``/api/v1/items/{item_id}``.

    All other paths are ``unmatched``, so that scanners cannot create any number of
    labels.
    """
    if "app_root_path" in scope:  # a mounted application, which has routed it itself
        included = scope.get("fastapi", {}).get("effective_route_context")
        path = getattr(included or scope.get("route"), "path_format", "/{path}")
        root: str = scope["root_path"]
        return f"{root.removeprefix(scope['app_root_path'])}{path}"
    context: RequestContext | None = scope.get("state", {}).get("context")
    found = context and context.route
    return (found and found.route.path_format) or UNMATCHED


def _candidates(app: FastAPI) -> list[Candidate]:
    """Return all routes; comparing patterns first is faster than asking each route."""
    return [
        (
            getattr(route, "path_regex", ANY_PATH),
            route.matches,
            route,
            declared_options(route),
        )
        for route in iter_route_contexts(app.routes)
    ]


def _resolve(
    scope: Scope, candidates: list[Candidate]
) -> tuple[ResolvedRoute | None, RouteOptions]:
    if scope["method"] == "HEAD":
        scope = {**scope, "method": "GET"}
    elif "websocket" in scope:  # a handshake
        scope = {**scope, "type": "websocket"}
    path, partial = local_path(scope), None
    for pattern, matches, route, options in candidates:
        if pattern.match(path):
            match, changes = matches(scope)
            if match is Match.FULL:
                return ResolvedRoute(route, changes), options
            if match is Match.PARTIAL and partial is None:
                partial = ResolvedRoute(route, changes, takes_method=False)
    return partial, DEFAULTS


def _name_span(method: str, path: str) -> None:
    span = get_current_span()
    if span.is_recording():
        span.update_name(f"{method} {path}")
        span.set_attribute("http.route", path)
