"""Routes that check requests before their endpoints run, and add ETags."""

import inspect
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, TypeAlias

import fastapi.routing
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response

from app.core.etags import document_etags, with_etag
from app.core.http.bodies import JsonRequest
from app.core.http.request_validation import (
    check_media_type,
    reject_undocumented_request,
)

Endpoint: TypeAlias = Callable[..., Any]
Handler: TypeAlias = Callable[[Request], Coroutine[Any, Any, Response]]


class APIRoute(fastapi.routing.APIRoute):
    """FastAPI's route; rejects requests that violate the OpenAPI document.

    A dependency could do the same, but would take six times as long.
    """

    def __init__(
        self,
        path: str,
        endpoint: Endpoint,
        *,
        etag: bool = False,
        **options: Any,  # noqa: ANN401
    ) -> None:
        self.etag = etag
        super().__init__(path, _to_async(endpoint) if etag else endpoint, **options)
        document_etags(self, etag=etag)

    def get_route_handler(self) -> Handler:
        """Return the function that serves a request; it parses JSON strictly."""
        handle = super().get_route_handler()
        if self.etag:
            handle = with_etag(handle)
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


def _to_async(endpoint: Endpoint) -> Endpoint:
    """Run a ``def`` endpoint in a thread; FastAPI takes another one for its result."""
    if inspect.iscoroutinefunction(endpoint):
        return endpoint

    @wraps(endpoint)
    async def run(**arguments: Any) -> Any:  # noqa: ANN401
        return await run_in_threadpool(endpoint, **arguments)

    return run
