"""Bodies that must arrive in time; httpx itself only bounds the next piece."""

from collections.abc import Iterator
from time import monotonic

from httpx2 import ReadTimeout, Response, SyncByteStream


class DeadlineStream(SyncByteStream):
    """The body of an answer, read until it ends or the time does."""

    def __init__(self, stream: SyncByteStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._stream:
            if monotonic() > self._deadline:
                raise ReadTimeout("The answer takes too long.")
            yield piece

    def close(self) -> None:
        """Give the connection back."""
        self._stream.close()


def watch_deadline(response: Response) -> None:
    """Bound the time in which the body is read."""
    assert isinstance(response.stream, SyncByteStream)  # noqa: S101
    deadline = response.request.extensions["deadline"]
    response.stream = DeadlineStream(response.stream, deadline)
