"""Which error becomes which problem."""

import logging
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import iter_route_contexts
from fastapi.utils import is_body_allowed_for_status_code
from starlette.exceptions import HTTPException

from app.core.exceptions import (
    AppError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from app.core.problems import FieldProblem, problem_response

logger = logging.getLogger(__name__)

# The nearest base class of an error decides.
STATUSES: Mapping[type[AppError], HTTPStatus] = {
    AppError: HTTPStatus.BAD_REQUEST,
    NotFoundError: HTTPStatus.NOT_FOUND,
    ConflictError: HTTPStatus.CONFLICT,
    InvalidInputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
}

MAX_ERRORS = 20  # so that an answer stays short whatever was sent
MAX_POINTER = 200  # characters


def add_exception_handlers(app: FastAPI) -> None:
    """Answer every expected error with a problem."""
    app.add_exception_handler(AppError, _app_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _validation_error)


async def _app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)  # noqa: S101
    kind = type(error)
    status = next(STATUSES[base] for base in kind.__mro__ if base in STATUSES)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.warning("%s Cause: %r", error, error.__cause__)
    return problem_response(request, status, type_=_urn(kind), detail=str(error))


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    if not is_body_allowed_for_status_code(error.status_code):
        return Response(status_code=error.status_code, headers=error.headers)
    status = HTTPStatus(error.status_code)
    detail = None if error.detail == status.phrase else str(error.detail)
    response = problem_response(request, status, detail=detail)
    response.headers.update(error.headers or {})
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = ", ".join(sorted(_methods(request)))
    return response


def _methods(request: Request) -> set[str]:
    """Return all methods of a path; Starlette knows those of one endpoint only."""
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return {
        method
        for route in iter_route_contexts(request.app.routes)
        if route.path_regex.match(path)
        for method in route.methods or ()
    }


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    if any(item["type"] == "json_invalid" for item in error.errors()):
        detail = "The body is not valid JSON."
        return problem_response(request, HTTPStatus.BAD_REQUEST, detail=detail)
    return problem_response(
        request,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        type_="urn:problem:validation",
        detail="The request is not valid.",
        errors=[_field_problem(item) for item in error.errors()[:MAX_ERRORS]],
    )


def _field_problem(error: Mapping[str, Any]) -> FieldProblem:
    location, *path = error["loc"]
    return FieldProblem(
        location=location,
        pointer=_pointer(path)[:MAX_POINTER],
        detail=error["msg"],
    )


def _pointer(path: Iterable[str | int]) -> str:
    """Join the steps that lead to a field, as RFC 6901 escapes them."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in path)
    return "".join(f"/{step}" for step in steps)


def _urn(kind: type[AppError]) -> str:
    """``SkuTakenError`` -> ``urn:problem:sku-taken``."""
    words = re.findall(r"[A-Z][a-z0-9]*", kind.__name__.removesuffix("Error"))
    return "urn:problem:" + "-".join(words).lower()
