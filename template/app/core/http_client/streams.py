"""A deadline for response bodies; httpx only bounds the time between chunks."""

from collections.abc import Iterator
from time import monotonic

from httpx2 import ReadTimeout, Response, SyncByteStream


class DeadlineStream(SyncByteStream):
    """The body of a response, read until its end or the deadline."""

    def __init__(self, stream: SyncByteStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._stream:
            if monotonic() > self._deadline:
                raise ReadTimeout("The response is too slow.")
            yield piece

    def close(self) -> None:
        """Return the connection to the pool."""
        self._stream.close()


def watch_deadline(response: Response) -> None:
    """Apply the deadline of a request to the body of its response."""
    assert isinstance(response.stream, SyncByteStream)  # noqa: S101
    deadline = response.request.extensions["deadline"]
    response.stream = DeadlineStream(response.stream, deadline)
