"""Responses that endpoints build themselves."""

from http import HTTPStatus

from fastapi import Response
from pydantic import BaseModel
from starlette.datastructures import URL


def created_response(representation: BaseModel, url: URL) -> Response:
    """Return 201 with the representation of a new resource, which is at ``url``."""
    return Response(
        representation.model_dump_json(by_alias=True),
        HTTPStatus.CREATED,
        {"Location": url.path},
        media_type="application/json",
    )
