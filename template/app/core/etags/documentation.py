"""ETags and conditional requests in the OpenAPI document."""

from collections.abc import Callable
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from app.core.etags.conditional import get_preconditions
from app.core.openapi import problems
from app.core.request import SAFE_METHODS

# For OpenAPI only: as parameters of a function, they would cost every read 30 µs.
CONDITIONAL_PARAMETERS = [
    {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": {"type": "string"},
    }
    for name, description in {
        "If-Match": "ETags, or `*`. If none matches the current one, the response "
        "is 412.",
        "If-None-Match": "ETags, or `*`. If one matches the current one, the response "
        "is 304 to a read and 412 to a write.",
    }.items()
]


def etag_headers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Document the responses that have an ETag, by status."""
    description = "Identifies this representation in If-Match and If-None-Match."
    header = {"description": description, "schema": {"type": "string"}}
    return {status: {"headers": {"ETag": header}} for status in statuses}


def document_etags(route: APIRoute, *, etag: bool) -> None:
    """Document the ETag of the responses of a route, and its preconditions.

    Reads with an ETag have preconditions, and so do endpoints that take
    ``PreconditionsDep``.
    """
    is_read = etag and SAFE_METHODS.issuperset(route.methods or ())
    if etag and route.response_model:
        route.responses |= etag_headers(route.status_code or 200)
    if is_read:
        route.responses |= etag_headers(304)
    if is_read or _depends_on(route.dependant, get_preconditions):
        route.responses |= problems(412)
        extra = route.openapi_extra or {}
        parameters = [*extra.get("parameters", ()), *CONDITIONAL_PARAMETERS]
        route.openapi_extra = {**extra, "parameters": parameters}


def _depends_on(dependant: Dependant, call: Callable[..., Any]) -> bool:
    dependencies = dependant.dependencies
    return any(one.call is call or _depends_on(one, call) for one in dependencies)
