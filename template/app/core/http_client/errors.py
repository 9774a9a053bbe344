"""Translation of errors of other services to application errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from httpx2 import HTTPError, HTTPStatusError, LocalProtocolError, UnsupportedProtocol

from app.core.errors import UnavailableError

# The request cannot be sent, for example because of an illegal header or URL.
OWN_MISTAKES = (LocalProtocolError, UnsupportedProtocol)


@contextmanager
def http_errors(service: str) -> Iterator[None]:
    """Raise ``UnavailableError`` for an outage of a service; pass on other errors."""
    try:
        yield
    except OWN_MISTAKES:
        raise
    except HTTPError as error:
        if isinstance(error, HTTPStatusError) and not _is_outage(error):
            raise
        raise UnavailableError(f"{service} does not respond.") from error


def _is_outage(error: HTTPStatusError) -> bool:
    status = error.response.status_code
    return status == HTTPStatus.TOO_MANY_REQUESTS or error.response.is_server_error
