"""Errors of other services as errors of the application."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from httpx2 import HTTPError, HTTPStatusError

from app.core.exceptions import UnavailableError


@contextmanager
def http_errors(service: str) -> Iterator[None]:
    """Raise an ``UnavailableError`` for an outage; a mistake of ours stays one."""
    try:
        yield
    except HTTPError as error:
        if isinstance(error, HTTPStatusError) and not _is_outage(error):
            raise
        raise UnavailableError(f"{service} does not answer.") from error


def _is_outage(error: HTTPStatusError) -> bool:
    status = error.response.status_code
    return status == HTTPStatus.TOO_MANY_REQUESTS or error.response.is_server_error
