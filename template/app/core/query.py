"""Query parameters: paging, and a guard against those nobody documented."""

from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.exceptions import RequestValidationError

from app.core.pagination import PageParams

PageParamsDep = Annotated[PageParams, Query()]


async def refuse_unknown_query(request: Request) -> None:
    """Answer 422 to a parameter that the OpenAPI document does not list."""
    if request.query_params:
        known = _documented(request.app.openapi(), request.scope["route"].name)
        unknown = request.query_params.keys() - known
        if unknown:
            raise RequestValidationError([_unknown(name) for name in sorted(unknown)])


def _unknown(name: str) -> dict[str, Any]:
    message = "This parameter does not exist"
    return {"type": "extra_forbidden", "loc": ("query", name), "msg": message}


def _documented(document: dict[str, Any], operation_id: str) -> set[str]:
    return {
        parameter["name"]
        for path in document["paths"].values()
        for operation in path.values()
        if operation["operationId"] == operation_id
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "query"
    }
