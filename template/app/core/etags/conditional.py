"""Conditional requests over HTTP (RFC 9110, section 13)."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request, Response

from app.core.errors import PreconditionFailedError
from app.core.etags.etags import Preconditions, etag
from app.core.request import SAFE_METHODS


async def get_preconditions(request: Request) -> Preconditions:
    """Return the preconditions of a request, for an endpoint that writes."""
    return _preconditions(request)


PreconditionsDep = Annotated[Preconditions, Depends(get_preconditions)]


def etag_response(request: Request, response: Response) -> Response:
    """Add the ETag to a response, and apply the preconditions of a read.

    A read whose ETag matches If-None-Match becomes 304. Raises
    ``PreconditionFailedError`` if If-Match does not hold.
    """
    if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
        return response
    tag = response.headers.setdefault("ETag", etag(bytes(response.body)))
    if request.method not in SAFE_METHODS:
        return response
    preconditions = _preconditions(request)
    if not preconditions.if_match_holds(tag):
        raise PreconditionFailedError
    if known := preconditions.matching_if_none_match(tag):
        response.status_code = HTTPStatus.NOT_MODIFIED
        response.body = b""
        response.headers["ETag"] = known
        del response.headers["Content-Length"], response.headers["Content-Type"]
    return response


def _preconditions(request: Request) -> Preconditions:
    if_match = request.headers.getlist("If-Match")
    if_none_match = request.headers.getlist("If-None-Match")
    return Preconditions(
        ",".join(if_match) if if_match else None,
        ",".join(if_none_match) if if_none_match else None,
    )
