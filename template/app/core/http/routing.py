"""Finding the endpoint of a request, and whether it may be asked like this."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

import fastapi.routing
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from app.core.http.bodies import JsonRequest
from app.core.http.request_validation import (
    check_media_type,
    reject_undocumented_request,
)
from app.core.openapi import problems


class APIRoute(fastapi.routing.APIRoute):
    """FastAPI's; it refuses what the OpenAPI document does not allow.

    A dependency could do that, too, and would take six times as long.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; one with another method is refused for that."""
        if not self.methods or scope["method"] in self.methods:
            reject_undocumented_request(Request(scope))
        await super().handle(scope, receive, send)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what handles a request; it reads JSON strictly."""
        handle = super().get_route_handler()
        if self.body_field is None and "requestBody" not in (self.openapi_extra or {}):
            return handle

        async def handle_body(request: Request) -> Response:
            try:
                return await handle(JsonRequest(request.scope, request.receive))
            except RequestValidationError as error:
                check_media_type(request, error)
                raise

        return handle_body


class APIRouter(fastapi.APIRouter):
    """FastAPI's, for the API; it only looks at its endpoints for paths with its prefix.

    FastAPI asks each router in turn, and each router each of its endpoints: in a
    service with a hundred of them that would take longer than reading a row.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        super().__init__(route_class=APIRoute, **options)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether there is an endpoint for a request."""
        fixed, _, _ = self.prefix.partition("{")
        return super().matches(scope) if fixed in scope["path"] else (Match.NONE, {})


def include_routers(app: FastAPI, routers: Mapping[str, Sequence[APIRouter]]) -> None:
    """Add all endpoints, by the prefix of their paths.

    FastAPI tries routers in this order, and looks through each level again: so the
    routers of all versions are on one level.
    """
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
    """Build what FastAPI would build, not safely in threads, at the first request."""
    list(fastapi.routing.iter_route_contexts(app.routes))
