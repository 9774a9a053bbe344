"""Errors of other services as errors of the application."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from httpx2 import HTTPError, HTTPStatusError, LocalProtocolError, UnsupportedProtocol

from app.core.errors import UnavailableError

# The request cannot be sent at all: an illegal header, a URL that is not http.
OWN_MISTAKES = (LocalProtocolError, UnsupportedProtocol)


@contextmanager
def http_errors(service: str) -> Iterator[None]:
    """Raise an ``UnavailableError`` for an outage; a mistake of ours stays one."""
    try:
        yield
    except OWN_MISTAKES:
        raise
    except HTTPError as error:
        if isinstance(error, HTTPStatusError) and not _is_outage(error):
            raise
        raise UnavailableError(f"{service} does not answer.") from error


def _is_outage(error: HTTPStatusError) -> bool:
    status = error.response.status_code
    return status == HTTPStatus.TOO_MANY_REQUESTS or error.response.is_server_error
