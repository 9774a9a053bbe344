"""What a connection may cost before a request is complete, and after its answer."""

from asyncio import AbstractEventLoop, TimerHandle, Transport
from http import HTTPStatus
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import (
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

MAX_WAITING = 100  # requests of one connection, sent before there was an answer
TOO_LONG = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
REFUSAL = (
    f"HTTP/1.1 {TOO_LONG.value} {TOO_LONG.phrase}\r\n"
    "Connection: close\r\n"
    "Content-Length: 0\r\n\r\n"
)


class BoundedProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, which bounds neither what it keeps nor time.

    Middleware begins when a head is complete, and cannot end what nobody reads.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        api = app_state["settings"].api
        self._seconds: float = api.deadline
        self._max_head: int = api.max_url_size + api.max_header_size
        self._is_moving = False
        self._head = 0  # bytes since the last progress
        self._reading: TimerHandle | None = None
        self._writing: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._reading = self._end_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        super().connection_lost(exc)
        for timer in (self._reading, self._writing):
            if timer:
                timer.cancel()

    # --- Requests: neither a head nor what follows a body may go on for ever ---------
    def data_received(self, data: bytes) -> None:
        """Take what arrived; something must come of it soon."""
        self._is_moving = False
        super().data_received(data)
        self._head = 0 if self._is_moving else self._head + len(data)
        is_served = self._newest is not None and not self._newest.response_complete
        if self._head > self._max_head or len(self.pipeline) > MAX_WAITING:
            if not is_served:
                self.transport.write(REFUSAL.encode())
            self.transport.abort()
        elif is_served and self._reading:
            self._reading.cancel()
            self._reading = None
        elif not (is_served or self._reading):
            self._reading = self._end_later()

    def on_headers_complete(self) -> None:
        """Serve a request."""
        self._is_moving = True
        super().on_headers_complete()
        if self._newest and self.parser.should_upgrade():
            self._newest.keep_alive = False  # the parser reads nothing after it

    def on_body(self, body: bytes) -> None:
        """Hand on a piece of its body."""
        self._is_moving = True
        super().on_body(body)

    # --- Answers: somebody must take them --------------------------------------------
    def pause_writing(self) -> None:
        """Begin to wait for the client."""
        super().pause_writing()
        self._writing = self._writing or self._end_later()

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        if self._writing:
            self._writing.cancel()
            self._writing = None

    def on_response_complete(self) -> None:
        """Let the last bytes leave, if the connection ends with them."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._writing = self._writing or self._end_later()

    def timeout_keep_alive_handler(self) -> None:
        """End a connection that rested for too long, whatever it has not taken."""
        self.transport.abort()

    @property
    def _newest(self) -> RequestResponseCycle | None:
        return self.cycle  # there is none at first, whatever its type says

    def _end_later(self) -> TimerHandle:
        return self.loop.call_later(self._seconds, self.transport.abort)
