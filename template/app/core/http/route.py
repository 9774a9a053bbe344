"""Routes that check requests before their endpoints run."""

import inspect
from collections.abc import Callable, Coroutine, Iterator
from http import HTTPStatus
from typing import Any, TypeAlias

from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from app.core.etags import EtagRoute
from app.core.http.bodies import JsonRequest
from app.core.http.endpoint_options import document_options
from app.core.http.identity import check_identity
from app.core.http.request_validation import (
    Operation,
    check_media_type,
    reject_undocumented_request,
)
from app.core.openapi import identity_checks
from app.core.rate_limits import count_endpoint
from app.core.request import SAFE_METHODS, RouteOptions

Handler: TypeAlias = Callable[[Request], Coroutine[Any, Any, Response]]


class APIRoute(EtagRoute):
    """A route that rejects requests that violate the OpenAPI document.

    A dependency could do the same, but would take six times as long.
    """

    operation: Operation | None = None  # once a request was compared with it

    def __init__(
        self,
        *args: Any,  # noqa: ANN401
        own_options: RouteOptions,
        **options: Any,  # noqa: ANN401
    ) -> None:
        self.options = own_options
        super().__init__(*args, **options)
        if self._is_stream():
            self.options = own_options.model_copy(update={"stream": True})
        self._refuse_contradictions()
        document_options(self, self.options)

    def get_route_handler(self) -> Handler:
        """Return the function that serves a request; it parses JSON strictly.

        Who sends it, and how often, is checked before its body is read.
        """
        handle = super().get_route_handler()
        if self.options.cache_control:
            handle = _with_cache_control(handle, self.options.cache_control)
        has_body = self.body_field or not SAFE_METHODS.issuperset(self.methods or ())
        has_rate_limit = bool(self.options.rate_limit)
        if not has_body and not has_rate_limit:

            async def handle_checked(request: Request) -> Response:
                reject_undocumented_request(request)
                return await handle(request)

            return handle_checked

        checks: Dependant | None = None

        async def handle_body(request: Request) -> Response:
            nonlocal checks
            reject_undocumented_request(request)
            if checks is None:
                checks = Dependant(dependencies=[*self._identity_checks(request)])
            if checks.dependencies:
                await check_identity(request, checks)
            if has_rate_limit:
                await count_endpoint(request)
            try:
                return await handle(JsonRequest(request.scope, request.receive))
            except RequestValidationError as error:
                check_media_type(request, error)
                raise

        return handle_body

    def _identity_checks(self, request: Request) -> Iterator[Dependant]:
        """Yield those of the endpoint, and of the routers that include its router."""
        context = request.scope.get("state", {}).get("context")
        found = context and context.route and context.route.route
        return identity_checks(getattr(found, "dependant", self.dependant))

    def _is_stream(self) -> bool:
        """Tell whether the response is sent while it is produced."""
        response_class: Any = self.response_class
        actual = getattr(response_class, "value", response_class)
        return (
            self.options.stream
            or inspect.isasyncgenfunction(self.endpoint)
            or inspect.isgeneratorfunction(self.endpoint)
            or issubclass(actual, (StreamingResponse, FileResponse))
        )

    def _refuse_contradictions(self) -> None:
        """Raise ``ValueError`` for options that exclude each other."""
        if self.etag and self.options.stream:
            raise ValueError("etag is for whole responses, and this is a stream")


def _with_cache_control(handle: Handler, value: str) -> Handler:
    """Return a handler whose successful responses have a Cache-Control header."""

    async def handle_cached(request: Request) -> Response:
        response = await handle(request)
        if response.status_code < HTTPStatus.BAD_REQUEST:
            response.headers.setdefault("Cache-Control", value)
        return response

    return handle_cached
