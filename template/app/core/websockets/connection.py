"""An open WebSocket, from its handshake to its end."""

import logging
from asyncio import CancelledError
from contextlib import suppress
from http import HTTPStatus
from time import perf_counter

from anyio import move_on_after
from starlette.types import ASGIApp, Message, Scope, Send
from starlette.websockets import WebSocketDisconnect, WebSocketDisconnected

from app.core.errors import problem_response
from app.core.metrics import Metrics
from app.core.request import RequestContext, route_template

# Close codes (RFC 6455, section 7.4). An error with a status has a code of its own:
# 4000 and the status.
NORMAL = 1000
ABNORMAL = 1006
INTERNAL_ERROR = 1011
STATUSES = 4000

logger = logging.getLogger(__name__)


class Connection:
    """Passes messages between the server and an endpoint; logs and counts the end."""

    def __init__(self, scope: Scope, respond: Send) -> None:
        self._scope = scope
        self._receive, self._send = scope["websocket"]
        self._respond = respond  # to the handshake, through all middleware
        self._metrics: Metrics = scope["state"]["metrics"]
        self._opened_at = 0.0
        self._code: int | None = None

    async def serve(self, app: ASGIApp) -> None:
        """Serve the handshake and, if the endpoint accepts it, the WebSocket."""
        scope = {**self._scope, "type": "websocket"}
        try:
            await app(scope, self.receive, self.send)
            if self._opened_at:
                await self._close(NORMAL)
        except CancelledError:  # the server ends endpoints that go on without a client
            if not self._opened_at:
                raise
        except Exception as error:
            if not self._opened_at:
                raise
            await self._fail(error)
        finally:
            if self._opened_at:
                await self._record(route_template(scope))

    async def receive(self) -> Message:
        """Receive a message from the client."""
        message: Message = await self._receive()
        if message["type"] == "websocket.disconnect" and self._code is None:
            self._code = message["code"]
        return message

    async def send(self, message: Message) -> None:
        """Send a message to the client, or a response to its handshake."""
        kind = message["type"]
        if self._opened_at:
            await self._send_open(message)
        elif kind == "websocket.accept":
            await self._accept(message)
        elif kind == "websocket.close":  # also sent by a router that has no route
            context: RequestContext = self._scope["state"]["context"]
            status = HTTPStatus.FORBIDDEN if context.route else HTTPStatus.NOT_FOUND
            await problem_response(status)(self._scope, self.receive, self._respond)
        else:
            await self._respond({**message, "type": kind.removeprefix("websocket.")})

    async def _accept(self, message: Message) -> None:
        start = {
            "type": "http.response.start",
            "status": HTTPStatus.SWITCHING_PROTOCOLS.value,
            "headers": [*message.get("headers", ())],
            "subprotocol": message.get("subprotocol"),
        }
        await self._respond(start)
        await self._respond({"type": "http.response.body"})
        self._opened_at = perf_counter()
        self._metrics.open_websocket()

    async def _send_open(self, message: Message) -> None:
        kind = message["type"]
        if kind == "websocket.http.response.start":  # a problem
            status = HTTPStatus(message["status"])
            await self._close(STATUSES + status, status.phrase)
        elif kind != "websocket.http.response.body":
            await self._send(message)
            if kind == "websocket.close":
                self._code = message.get("code", NORMAL)

    async def _fail(self, error: Exception) -> None:
        """Close a WebSocket whose endpoint raised an error."""
        if _is_disconnect(error):
            await self._close(NORMAL)
            return
        request_id = self._scope["state"]["context"].request_id
        logger.error("WebSocket %s failed", request_id, exc_info=error)
        await self._close(INTERNAL_ERROR)

    async def _close(self, code: int, reason: str = "") -> None:
        """Close a WebSocket, unless it is closed."""
        await self._receive_end()
        if self._code is None:
            close = {"type": "websocket.close", "code": code, "reason": reason}
            with suppress(OSError):  # the client has left
                await self._send(close)
                self._code = code

    async def _receive_end(self) -> None:
        """Receive the close code, which the endpoint may not have received."""
        with move_on_after(0, shield=True):
            while self._code is None:
                await self.receive()

    async def _record(self, route: str) -> None:
        """Log and count a WebSocket that has ended."""
        await self._receive_end()
        code = self._code or ABNORMAL
        seconds = perf_counter() - self._opened_at
        self._metrics.close_websocket(route, code, seconds)
        fields = {
            "method": "WEBSOCKET",
            "route": route,
            "close_code": code,
            "duration_ms": round(seconds * 1000, 2),
            "client": self._scope["client"] and self._scope["client"][0],
        }
        logger.info("WEBSOCKET %s %s", route, code, extra=fields)


def _is_disconnect(error: Exception) -> bool:
    """Tell whether an error, or each of a group, only says that the client has left."""
    disconnects = WebSocketDisconnect, WebSocketDisconnected
    if isinstance(error, ExceptionGroup):
        return error.split(disconnects)[1] is None
    return isinstance(error, disconnects)
