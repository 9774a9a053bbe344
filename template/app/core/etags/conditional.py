"""Conditional requests over HTTP (RFC 9110, section 13)."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel

from app.core.errors import PreconditionFailedError
from app.core.etags.etags import Preconditions, etag, to_json

# For OpenAPI only: as parameters of a function they would cost every read 30 µs.
CONDITIONS: dict[str, Any] = {
    "parameters": [
        {
            "name": name,
            "in": "header",
            "required": False,
            "description": description,
            "schema": {"type": "string"},
        }
        for name, description in {
            "If-Match": "Entity tags, or *: what is in no such state, answers 412.",
            "If-None-Match": "Entity tags, or *: what is, answers 304 or 412.",
        }.items()
    ]
}


def tagged(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Document the answers that carry an entity tag, by status."""
    description = "Stands for this state in If-Match and If-None-Match."
    header = {"description": description, "schema": {"type": "string"}}
    return {status: {"headers": {"ETag": header}} for status in statuses}


def preconditions(request: Request) -> Preconditions:
    """Return which states the client accepts, and which it knows."""
    if_match = request.headers.getlist("If-Match")
    if_none_match = request.headers.getlist("If-None-Match")
    return Preconditions(
        ",".join(if_match) if if_match else None,
        ",".join(if_none_match) if if_none_match else None,
    )


def versioned(
    representation: BaseModel,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with something and its entity tag."""
    content = to_json(representation)
    return _response(content, status, {"ETag": etag(content), **(headers or {})})


def versioned_unless_known(request: Request, representation: BaseModel) -> Response:
    """Answer the same to a read, or 304 to a client that knows it already."""
    content = to_json(representation)
    tag = etag(content)
    given = preconditions(request)
    if not given.accept(tag):
        raise PreconditionFailedError
    if known := given.know(tag):
        return Response(status_code=304, headers={"ETag": known})
    return _response(content, 200, {"ETag": tag})


def _response(content: bytes, status: int, headers: Mapping[str, str]) -> Response:
    return Response(content, status, headers, media_type="application/json")
