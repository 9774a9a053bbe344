"""Requests that the OpenAPI document does not allow are refused, not guessed at."""

from functools import lru_cache
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from app.core.problems import MEDIA_TYPE

JSON = "application/json"
ANSWERS = frozenset({JSON, MEDIA_TYPE, "application/*", "*/*"})


def hold_to_contract(request: Request) -> None:
    """Answer 406 to a client that takes no JSON, 422 to an unknown parameter."""
    accept = ",".join(request.headers.getlist("Accept")) or "*/*"
    if accept != "*/*" and not any(map(_takes_answers, accept.split(","))):
        raise HTTPException(HTTPStatus.NOT_ACCEPTABLE, f"Answers are {JSON}.")
    if request.query_params:
        parameters = _operation(request).get("parameters", ())
        known = {item["name"] for item in parameters if item["in"] == "query"}
        unknown = sorted(request.query_params.keys() - known)
        if unknown:
            raise RequestValidationError([_unknown(name) for name in unknown])


def refused_media_type(request: Request) -> list[str]:
    """Return the media types of an endpoint if the body of a request is of no such."""
    given = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    expected = list(_operation(request).get("requestBody", {}).get("content", ()))
    is_json = JSON in expected and given.endswith("+json")
    return [] if is_json or given in expected or not _has_body(request) else expected


def _has_body(request: Request) -> bool:
    length = request.headers.get("Content-Length", "0")
    return length != "0" or "Transfer-Encoding" in request.headers


def _takes_answers(media_range: str) -> bool:
    """Read a part of an Accept header (RFC 9110, section 12.5.1)."""
    media_type, *parameters = (part.strip().lower() for part in media_range.split(";"))
    refused = any(part.strip("0.") == "q=" for part in parameters)
    return media_type in ANSWERS and not refused


def _unknown(name: str) -> dict[str, Any]:
    message = "This parameter does not exist"
    return {"type": "extra_forbidden", "loc": ("query", name), "msg": message}


def _operation(request: Request) -> dict[str, Any]:
    """Return what the OpenAPI document says about the endpoint of a request."""
    return _operations(request.app).get(request.scope["route"].name, {})


@lru_cache(maxsize=1)
def _operations(app: FastAPI) -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation
        for path in app.openapi()["paths"].values()
        for operation in path.values()
    }
