"""Problem responses (RFC 9457, ``application/problem+json``)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal

from fastapi.responses import Response
from pydantic import BaseModel

from app.core.request import request_context

MEDIA_TYPE = "application/problem+json"
HEADERS: Mapping[HTTPStatus, Mapping[str, str]] = {
    # The rest of the body is not read, so no other request can follow it.
    HTTPStatus.REQUEST_TIMEOUT: {"Connection": "close"},
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: {"Connection": "close"},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "1"},
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
}

Location = Literal["body", "path", "query", "header", "cookie"]


class FieldProblem(BaseModel):
    """An error of one field; ``pointer`` is a JSON Pointer (RFC 6901)."""

    location: Location
    pointer: str
    detail: str


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    request_id: str | None = None
    errors: list[FieldProblem] | None = None


def problem_response(
    status: HTTPStatus,
    *,
    type_: str = "about:blank",
    detail: str | None = None,
    errors: list[FieldProblem] | None = None,
) -> Response:
    """Return a problem response."""
    context = request_context.get()
    problem = Problem(
        type=type_,
        title=status.phrase,
        status=status.value,
        detail=detail,
        request_id=context.request_id if context else None,
        errors=errors,
    )
    return Response(
        problem.model_dump_json(exclude_none=True),
        status_code=status.value,
        headers=HEADERS.get(status),
        media_type=MEDIA_TYPE,
    )
