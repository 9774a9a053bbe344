"""Uvicorn's HTTP/1 protocol, stricter and with bounds per connection."""

import re
from asyncio import AbstractEventLoop, TimerHandle, Transport
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import (
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

from app.core.errors import problem_response
from app.core.http import NO_STORE, SECURITY_HEADERS
from app.core.server.open_connections import OpenConnections, Reason
from app.core.server.websocket_protocol import BoundedWebSocketProtocol

MAX_WAITING = 100  # pipelined requests of one connection
MIN_RATE = 1024  # bytes of a response that a client must take each second
VERSIONS = {"1.0", "1.1"}
# uri-host and port of RFC 3986, and blanks, which the parser keeps.
HOST = re.compile(rb"([\w.~%!$&'()*+,;=-]+|\[[\da-fA-F:.]+\])(:\d*)?[ \t]*")


def _refusal(status: HTTPStatus, detail: str) -> bytes:
    """Build a response to a request that never reaches the middleware."""
    response = problem_response(status, detail=detail)
    headers = (*response.raw_headers, *SECURITY_HEADERS, NO_STORE)
    lines = [b"HTTP/1.1 %d %b" % (status, status.phrase.encode())]
    lines += [b"%b: %b" % header for header in headers]
    return b"\r\n".join([*lines, b"connection: close", b"", response.body])


REFUSALS = {
    status: _refusal(status, detail)
    for status, detail in (
        (HTTPStatus.BAD_REQUEST, "This is not a valid HTTP request."),
        (HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The head is too long."),
        (HTTPStatus.SERVICE_UNAVAILABLE, "There are too many connections."),
    )
}


class BoundedProtocol(HttpToolsProtocol):
    """The protocol of ``python -m app.serve`` and ``poe dev``.

    Middleware runs from the complete head to the response. Before and after that,
    uvicorn bounds neither memory nor time.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        limits = app_state["settings"].limits
        self._seconds: float = limits.deadline
        self._max_head: int = limits.max_url_size + limits.max_header_size
        self._open: OpenConnections = app_state["connections"]
        self._host: str | None = None
        self._is_counted = False
        self._is_refused = False
        self._is_moving = False
        self._head = 0  # bytes since the last progress
        self._reading: TimerHandle | None = None
        self._writing: TimerHandle | None = None
        # A request that waits until the client has read the previous response.
        self._held: tuple[RequestResponseCycle, ASGI3Application] | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Wait for a request, unless there are too many connections."""
        super().connection_made(transport)
        self._host = self.client[0] if self.client else None
        self._is_counted = self._open.add(self._host)
        if not self._is_counted:
            self._is_refused = True
            transport.write(REFUSALS[HTTPStatus.SERVICE_UNAVAILABLE])
            transport.close()
        self._reading = self._end_later("no_request")

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        super().connection_lost(exc)
        self._cancel_timers()
        self._stop_counting()

    # --- Requests: heads and the end of bodies are bounded ---------------------------
    def data_received(self, data: bytes) -> None:
        """Parse received data, within the bounds of a request."""
        if self._is_refused:
            return
        self._unset_keepalive_if_required()
        self._is_moving = False
        try:
            self._parse(data)
        except httptools.HttpParserError:
            self._refuse("invalid", HTTPStatus.BAD_REQUEST)
        if self.transport.get_protocol() is not self:  # a WebSocket has taken over
            return
        self._head = 0 if self._is_moving else self._head + len(data)
        if self._head > self._max_head and not self._is_refused:
            self._refuse("too_long", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        if len(self.pipeline) > MAX_WAITING:
            self._end("pipelined")
        if not self._pending:
            self._reading = self._reading or self._end_later("no_request")
        elif self._reading:
            self._reading.cancel()
            self._reading = None

    def _parse(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest and len(self.pipeline) <= MAX_WAITING:
            try:
                self.parser.feed_data(rest)
            except httptools.HttpParserUpgrade as upgrade:
                rest = rest[upgrade.args[0] :]
                if self._should_upgrade():
                    self.handle_websocket_upgrade()
                    return
                self._decline_upgrade()
            else:
                return

    def handle_websocket_upgrade(self) -> None:
        """Hand over the connection, which counts until it is closed."""
        super().handle_websocket_upgrade()
        self._cancel_timers()
        websocket: Any = self.transport.get_protocol()
        connection_lost = websocket.connection_lost

        def stop_counting(exc: Exception | None) -> None:
            self._stop_counting()
            connection_lost(exc)

        websocket.connection_lost = stop_counting

    def on_headers_complete(self) -> None:
        """Serve a request, unless its upgrade has yet to be declined."""
        self._check_head()
        self._is_moving = True
        is_upgrade = self.parser.should_upgrade()
        if not is_upgrade or self._should_upgrade():
            super().on_headers_complete()
        if not is_upgrade:
            self.headers = []  # trailers are not header fields (RFC 9110 6.5)

    def on_body(self, body: bytes) -> None:
        """Pass on a part of a body."""
        self._is_moving = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a body."""
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def _check_head(self) -> None:
        """Raise an error for an invalid head, which the parser wraps (RFC 9112 3.2)."""
        version = self.parser.get_http_version()
        hosts = [value for name, value in self.headers if name == b"host"]
        if (
            version not in VERSIONS
            or len(hosts) > 1
            or (not hosts and version != "1.0")
            or (hosts and not HOST.fullmatch(hosts[0]))
        ):
            raise ValueError("The version or the host is not valid.")
        if self.parser.should_upgrade() and (
            self.parser.get_method() == b"CONNECT"
            # An incomplete response would be sent into the WebSocket.
            or (self._pending and self._should_upgrade())
        ):
            raise ValueError("There is no tunnel.")

    def _should_upgrade(self) -> bool:
        """Tell whether this is a WebSocket handshake; other upgrades are declined.

        A server may ignore an upgrade and serve the request without it (RFC 9110 7.8).
        """
        return self.parser.get_method() == b"GET" and super()._should_upgrade()

    def _decline_upgrade(self) -> None:
        """Parse a head again without its upgrade.

        Otherwise, the parser takes the body for data of the other protocol.
        """
        if self._get_upgrade() == b"websocket":
            self._unsupported_upgrade_warning()  # explains how to support it
        version = self.parser.get_http_version().encode()
        lines = [b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, version)]
        lines += [b"%b: %b" % one for one in self.headers if one[0] != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.parser.feed_data(b"\r\n".join([*lines, b"", b""]))

    def _refuse(self, reason: Reason, status: HTTPStatus) -> None:
        """Respond to invalid data, and close the connection.

        A complete request before it is served, without the error response: the client
        could not tell which request a second response belongs to.
        """
        self._is_refused = True
        self._open.count_end(reason, self._host)
        pending = self._pending
        if pending and not pending.more_body:
            pending.keep_alive = False
            return
        if not self.pipeline and not (pending and pending.response_started):
            self.transport.write(REFUSALS[status])
        self.transport.close()

    # --- Responses: clients must read them -------------------------------------------
    def _start_asgi_task(
        self, cycle: RequestResponseCycle, app: ASGI3Application
    ) -> None:
        """Serve a request once the client has read the previous response.

        Otherwise, it would count as a concurrent request meanwhile.
        """
        if self.flow.write_paused:
            self._held = cycle, app
        else:
            super()._start_asgi_task(cycle, app)

    def pause_writing(self) -> None:
        """Wait for the client to read."""
        super().pause_writing()
        self._expect_progress()

    def resume_writing(self) -> None:
        """Stop waiting."""
        super().resume_writing()
        if self._writing and not self.transport.is_closing():
            self._writing.cancel()
            self._writing = None
        if self._held:
            held, self._held = self._held, None
            super()._start_asgi_task(*held)

    def on_response_complete(self) -> None:
        """Send the remaining bytes if the connection ends with this response."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._expect_progress()

    def timeout_keep_alive_handler(self) -> None:
        """End an idle connection, unless the client still reads a response."""
        if self.transport.get_write_buffer_size():
            self._expect_progress()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        else:
            self.transport.abort()

    def _expect_progress(self) -> None:
        """Schedule a check of how much the client has read, unless one is scheduled."""
        unread = self.transport.get_write_buffer_size()
        if unread and not self._writing:
            self._writing = self.loop.call_later(
                self._seconds, self._check_progress, unread
            )

    def _check_progress(self, unread: int) -> None:
        self._writing = None
        left = self.transport.get_write_buffer_size()
        if left and unread - left < MIN_RATE * self._seconds:
            self._end("unread")
        else:
            self._expect_progress()

    @property
    def _pending(self) -> RequestResponseCycle | None:
        """The newest request, if its response is not complete."""
        newest: RequestResponseCycle | None = self.cycle
        return newest if newest and not newest.response_complete else None

    def _end_later(self, reason: Reason) -> TimerHandle:
        return self.loop.call_later(self._seconds, self._end, reason)

    def _end(self, reason: Reason) -> None:
        if not self._is_refused:
            self._open.count_end(reason, self._host)
        self.transport.abort()

    def _stop_counting(self) -> None:
        if self._is_counted:
            self._is_counted = False
            self._open.remove(self._host)

    def _cancel_timers(self) -> None:
        for timer in (self._reading, self._writing):
            if timer:
                timer.cancel()


# Options of uvicorn, in production and in development.
UVICORN: dict[str, Any] = {
    "http": BoundedProtocol,
    "ws": BoundedWebSocketProtocol,
    # Each compressed WebSocket would hold 64 KiB or more, and compression leaks secrets
    # next to text chosen by clients.
    "ws_per_message_deflate": False,
    "log_config": None,  # app.core.logging.configuration configures logging
    "access_log": False,  # AccessLogMiddleware logs more
    "server_header": False,
    "proxy_headers": False,  # API_TRUSTED_PROXIES lists those to trust
}
