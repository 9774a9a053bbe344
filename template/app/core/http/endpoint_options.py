"""Options of an endpoint, for its decorator."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, TypedDict

from fastapi import Response
from fastapi.params import Depends
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute


class EndpointOptions(TypedDict, total=False):
    """The options of this service, followed by those of FastAPI."""

    # The response has an ETag; a read answers conditional requests with 304 and 412.
    etag: bool

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
