"""Options of an endpoint, for its decorator.

FastAPI's own ``max_body_size`` is the limit of the body in bytes. ``UNLIMITED`` is for
bodies that the endpoint streams.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Literal, TypedDict

from fastapi import Response
from fastapi.params import Depends
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from app.core.request import RouteOptions

UNLIMITED = 2**53  # a float can be it, too


class EndpointOptions(TypedDict, total=False):
    """The options of this service, followed by those of FastAPI."""

    # The share of ordinary requests that the access log has, from 0 to 1.
    access_sampling: float
    # The header Cache-Control of successful responses.
    cache_control: str
    # Seconds until the response must start, instead of LIMITS_DEADLINE.
    deadline: float
    # The response has an ETag; a read answers conditional requests with 304 and 412.
    etag: bool
    # A limit in addition to those of clients and users, such as "10 per 1 minute";
    # with False, requests do not count at all.
    rate_limit: str | Literal[False]
    # Seconds for each statement, instead of DATABASE_STATEMENT_TIMEOUT.
    statement_timeout: float
    # The response is sent while it is produced. This is the default for generators,
    # StreamingResponse and FileResponse.
    stream: bool

    callbacks: list[BaseRoute] | None
    dependencies: Sequence[Depends] | None
    deprecated: bool | None
    description: str | None
    form_limits: Any
    generate_unique_id_function: Callable[[APIRoute], str]
    include_in_schema: bool
    max_body_size: int | None
    name: str | None
    openapi_extra: dict[str, Any] | None
    operation_id: str | None
    response_class: type[Response]
    response_description: str
    response_model: Any
    response_model_by_alias: bool
    response_model_exclude: Any
    response_model_exclude_defaults: bool
    response_model_exclude_none: bool
    response_model_exclude_unset: bool
    response_model_include: Any
    responses: dict[int | str, dict[str, Any]] | None
    status_code: int | None
    summary: str | None
    tags: list[str | Enum] | None


def document_options(route: APIRoute, options: RouteOptions) -> None:
    """Document the options that clients should know, as extensions of OpenAPI."""
    extensions = {
        "x-deadline": _shown(options.deadline),
        "x-max-body-size": _shown(route.max_body_size),
        "x-rate-limit": options.rate_limit and str(options.rate_limit),
    }
    shown = {name: value for name, value in extensions.items() if value}
    if shown:
        route.openapi_extra = (route.openapi_extra or {}) | shown


def _shown(limit: float | None) -> float | str | None:
    return "unlimited" if limit == UNLIMITED else limit
