"""Finding the endpoint of a request, and whether it may be asked like this."""

from collections.abc import Callable, Coroutine
from typing import Any

import fastapi.routing
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from app.core.bodies import JsonRequest
from app.core.contract import hold_to_contract


class APIRoute(fastapi.routing.APIRoute):
    """FastAPI's; it refuses what the OpenAPI document does not allow.

    A dependency could do that, too, and would take six times as long.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; one with another method is refused for that."""
        if not self.methods or scope["method"] in self.methods:
            hold_to_contract(Request(scope))
        await super().handle(scope, receive, send)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what handles a request; it reads JSON strictly."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def handle_json(request: Request) -> Response:
            return await handle(JsonRequest(request.scope, request.receive))

        return handle_json


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
