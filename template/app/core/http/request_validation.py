"""Rejection of requests that the OpenAPI document does not allow."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from app.core.errors import MEDIA_TYPE
from app.core.schemas import FORMATS, Format

JSON = "application/json"
MAX_ACCEPT = 2000  # characters; a longer header is ignored (RFC 9110, 12.5.1)
OTHER_LOCATIONS = {"path", "query", "header", "cookie"}
MAX_UNKNOWN = 20  # parameters that a response lists


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the OpenAPI document."""

    request_types: Collection[str]
    response_types: Collection[str]
    query: frozenset[str]
    # Formats of parameters, by location and name.
    formats: Mapping[tuple[str, str], tuple[Format, ...]]


def reject_undocumented_request(request: Request) -> None:
    """Reject a client that accepts no response (406), and wrong parameters (422)."""
    operation = _operation(request)
    if operation is None:
        return
    _check_accept(request, operation.response_types)
    unknown = request.query_params.keys() - operation.query
    if unknown:
        message = "This parameter does not exist"
        names = sorted(unknown)[:MAX_UNKNOWN]
        raise RequestValidationError([_error("query", name, message) for name in names])
    if errors := [*_malformed(request, operation)]:
        raise RequestValidationError(errors)


def check_media_type(request: Request, error: RequestValidationError) -> None:
    """Raise 415 instead of an error about a body whose media type is not accepted."""
    if not any(_is_about_body(item) for item in error.errors()):
        return
    if media_types := _refused_media_type(request):
        detail = f"The body must be {' or '.join(media_types)}."
        headers = {"Accept": ", ".join(media_types)}
        status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        raise HTTPException(status, detail, headers) from error


def _is_about_body(error: Mapping[str, Any]) -> bool:
    """Tell whether an error is about the body. ``loc`` may have any value, or none."""
    loc = error.get("loc") or ("body",)
    return isinstance(loc, str | int) or loc[0] not in OTHER_LOCATIONS


def _refused_media_type(request: Request) -> Collection[str]:
    """Return the media types of an operation if the request has another one."""
    given = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    operation = _operation(request)
    expected = operation.request_types if operation else ()
    is_json = JSON in expected and given.endswith("+json")
    return () if is_json or given in expected or not _has_body(request) else expected


def _has_body(request: Request) -> bool:
    length = request.headers.get("Content-Length", "0")
    return length != "0" or "Transfer-Encoding" in request.headers


def _check_accept(request: Request, offered: Collection[str]) -> None:
    """Compare ``Accept`` with the media types of successful responses.

    A client that accepts the media type of problems is not rejected.
    """
    accept = ",".join(request.headers.getlist("Accept")) or "*/*"
    if accept == "*/*" or not offered or len(accept) > MAX_ACCEPT:
        return
    ranges = dict(map(_media_range, accept.split(",")))
    takes_problems = ranges.get(MEDIA_TYPE, False)
    if not takes_problems and not any(_accepts(ranges, one) for one in offered):
        detail = f"Responses are {' or '.join(offered)}."
        raise HTTPException(HTTPStatus.NOT_ACCEPTABLE, detail)


def _media_range(text: str) -> tuple[str, bool]:
    """Parse a media range of Accept; return whether its quality is above 0."""
    media_type, *parameters = (part.strip().lower() for part in text.split(";"))
    return media_type, all(part.strip("0.") != "q=" for part in parameters)


def _accepts(ranges: Mapping[str, bool], media_type: str) -> bool:
    """Apply the most specific range (RFC 9110, section 12.5.1)."""
    main, _, _ = media_type.partition("/")
    found = (ranges.get(name) for name in (media_type, f"{main}/*", "*/*"))
    return next((accepted for accepted in found if accepted is not None), False)


def _malformed(request: Request, operation: Operation) -> Iterator[dict[str, Any]]:
    """Find parameters that Pydantic would accept but that violate their format."""
    for (location, name), formats in operation.formats.items():
        if location == "query":
            values = request.query_params.getlist(name)
        elif location == "header":
            values = request.headers.getlist(name)
        else:  # a convertor may have changed the type
            values = [str(request.path_params.get(name, ""))]
        for value in values:
            if not any(one.pattern.fullmatch(value) for one in formats):
                yield _error(location, name, formats[0].message)


def _error(location: str, name: str, message: str) -> dict[str, Any]:
    return {"type": "parameter", "loc": (location, name), "msg": message}


def _operation(request: Request) -> Operation | None:
    """Return the operation of a request; None if it is not documented."""
    route = request.scope["route"]
    if route.operation is None and route.include_in_schema:
        name = route.operation_id or route.name
        route.operation = _operations(request.app).get(name)
    operation: Operation | None = route.operation
    return operation


@lru_cache(maxsize=8)
def _operations(app: FastAPI) -> Mapping[str, Operation]:
    return {
        operation["operationId"]: _read(operation)
        for path in app.openapi()["paths"].values()
        for operation in path.values()
    }


def _read(operation: Mapping[str, Any]) -> Operation:
    parameters = operation.get("parameters", ())
    return Operation(
        request_types=tuple(operation.get("requestBody", {}).get("content", ())),
        response_types=tuple(
            dict.fromkeys(
                media_type.partition(";")[0].strip().lower()
                for status, response in operation["responses"].items()
                if status.startswith("2")
                for media_type in response.get("content", ())
            )
        ),
        query=frozenset(item["name"] for item in parameters if item["in"] == "query"),
        formats={
            (item["in"], item["name"]): formats
            for item in parameters
            if (formats := _formats(item.get("schema", {}))) and item["in"] != "cookie"
        },
    )


def _formats(schema: Mapping[str, Any]) -> tuple[Format, ...]:
    """Return the formats that a parameter may have; empty if it may be any text."""
    found: list[Format] = []
    for choice in schema.get("anyOf", (schema,)):
        item = choice.get("items", choice)
        name = item.get("format", item.get("type"))
        if name in FORMATS:
            found.append(FORMATS[name])
        elif name != "null":
            return ()
    return tuple(found)
