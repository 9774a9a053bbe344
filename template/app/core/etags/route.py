"""Routes whose responses have an ETag."""

import inspect
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, TypeAlias

import fastapi.routing
from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from app.core.etags.conditional import etag_response
from app.core.etags.documentation import document_etags

Endpoint: TypeAlias = Callable[..., Any]
Handler: TypeAlias = Callable[[Request], Coroutine[Any, Any, Response]]


class EtagRoute(fastapi.routing.APIRoute):
    """FastAPI's route; adds an ETag to responses if its endpoint has ``etag=True``."""

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
        """Return the function that serves a request."""
        handle = super().get_route_handler()
        if not self.etag:
            return handle

        async def handle_with_etag(request: Request) -> Response:
            return etag_response(request, await handle(request))

        return handle_with_etag


def _to_async(endpoint: Endpoint) -> Endpoint:
    """Run a ``def`` endpoint in a thread; FastAPI takes another one for its result."""
    if inspect.iscoroutinefunction(endpoint):
        return endpoint

    @wraps(endpoint)
    async def run(**arguments: Any) -> Any:  # noqa: ANN401
        return await run_in_threadpool(endpoint, **arguments)

    return run
