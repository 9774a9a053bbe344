"""Uvicorn's WebSocket protocol, with bounds per connection."""

import asyncio
import logging
from asyncio import Handle, Task, TimerHandle
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame

PIECE = 4096  # bytes that are parsed before other connections get a turn
# Pings, pongs and empty fragments, which no message limit counts: as many as in these
# seconds at once, and on average.
CONTROL_RATE = 10  # per second
CONTROL_BURST = 10  # seconds
CLOSE_TIMEOUT = 10  # seconds for an endpoint without a client, and the reverse

logger = logging.getLogger(__name__)
# Uvicorn and websockets would log each handshake with its query, and each message.
logger.setLevel(logging.ERROR)


class BoundedWebSocketProtocol(WebSocketsSansIOProtocol):
    """The WebSockets of ``python -m app.serve`` and ``poe dev``."""

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any]
    ) -> None:
        limits = app_state["settings"].limits
        config.ws_max_size = limits.max_message_size
        super().__init__(config, server_state, app_state)
        self.logger = self.conn.logger = logger
        self.conn.debug = False
        self._seconds: float = limits.deadline
        self._unparsed = bytearray()
        self._parsing: Handle | None = None
        self._opened_at = self.loop.time()
        self._control_frames = 0
        self._endpoint: Task[None] | None = None
        self._timers: dict[str, TimerHandle] = {}

    async def run_asgi(self) -> None:
        """Serve the handshake and the WebSocket."""
        self._endpoint = asyncio.current_task()
        await super().run_asgi()

    def on_task_complete(self, task: Task[None]) -> None:
        """Close the connection after its endpoint, also if the client does not read."""
        super().on_task_complete(task)
        self._abort_in(CLOSE_TIMEOUT, "close")

    def connection_lost(self, exc: Exception | None) -> None:
        """End an endpoint that goes on without its client."""
        super().connection_lost(exc)
        for timer in self._timers.values():
            timer.cancel()
        if self._endpoint:
            self.loop.call_later(CLOSE_TIMEOUT, self._endpoint.cancel)

    # --- Received data: bounded in memory, and parsed in turns ------------------------
    def data_received(self, data: bytes) -> None:
        """Receive a handshake, or frames that follow a complete handshake."""
        if self.handshake_initiated:
            self._unparsed += data
            self._parse()
            return
        super().data_received(data)
        if not self.handshake_initiated:  # invalid for this parser
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    def _parse(self) -> None:
        """Parse a piece; the rest waits until the endpoint has taken its messages.

        A packet may hold 40,000 frames, and messages take 40 times as much memory.
        """
        self._parsing = None
        if self.transport.is_closing():
            return
        if self.handshake_complete and not self.read_paused:
            piece = bytes(self._unparsed[:PIECE])
            del self._unparsed[:PIECE]
            super().data_received(piece)
        self._read_or_wait()

    def _read_or_wait(self) -> None:
        """Read more data once all received data is parsed."""
        if self.transport.is_closing() or self.read_paused:
            return
        if not self._unparsed:
            self.transport.resume_reading()
            return
        self.transport.pause_reading()
        if self.handshake_complete and not self._parsing:
            self._parsing = self.loop.call_soon(self._parse)

    async def receive(self) -> Any:  # noqa: ANN401
        """Pass the next message to the endpoint."""
        message = await super().receive()
        self._read_or_wait()
        return message

    def handle_cont(self, event: Frame) -> None:
        """Add a fragment to a message, unless it is empty."""
        if event.data or event.fin:
            super().handle_cont(event)
        else:
            self._count_control_frame()

    def handle_ping(self) -> None:
        """Send a pong, unless the client reads none (RFC 6455, section 5.5.3)."""
        self._count_control_frame()
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def handle_pong(self, event: Frame) -> None:
        """Note that the client is there."""
        self._count_control_frame()
        super().handle_pong(event)

    def _count_control_frame(self) -> None:
        self._control_frames += 1
        seconds = self.loop.time() - self._opened_at + CONTROL_BURST
        if self._control_frames > CONTROL_RATE * seconds and not self.close_sent:
            self.conn.fail(1008, "too many control frames")
            self.handle_parser_exception()

    # --- Sent data: clients must read it ---------------------------------------------
    async def send(self, message: Any) -> None:  # noqa: ANN401
        """Send a message of the endpoint, or a response to the handshake."""
        await super().send(message)
        if message["type"] != "websocket.send":
            # Uvicorn takes a handshake that was refused for one without a response.
            self.handshake_complete |= self.close_sent
            self._read_or_wait()

    def pause_writing(self) -> None:
        """Wait for the client to read."""
        super().pause_writing()
        self._abort_in(self._seconds, "write")

    def resume_writing(self) -> None:
        """Stop waiting."""
        super().resume_writing()
        if timer := self._timers.pop("write", None):
            timer.cancel()

    def keepalive_timeout(self) -> None:
        """End a connection whose client does not respond to a ping."""
        super().keepalive_timeout()
        self.transport.abort()

    def _abort_in(self, seconds: float, reason: str) -> None:
        if not self.transport.is_closing() or self.transport.get_write_buffer_size():
            abort = self.transport.abort
            self._timers[reason] = self.loop.call_later(seconds, abort)
