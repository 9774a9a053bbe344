"""Load shedding: a limit of concurrent requests."""

from asyncio import get_running_loop, timeout_at
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import problem_response
from app.core.limits.client_shares import ClientShares
from app.core.metrics import Metrics
from app.core.request import (
    PROBE_PATHS,
    HttpMiddleware,
    client_network,
    is_stream,
    local_path,
)

# A body that takes longer to arrive counts as late.
PATIENCE = 1  # seconds
BUSY = "The service is busy."


class LoadSheddingMiddleware(HttpMiddleware):
    """Reject requests above ``limit`` with 503, and streams above ``max_streams``.

    A request counts while the service works on it: not while its body arrives, nor
    during background tasks after its response. Late bodies have a limit of their own,
    because each may hold memory. A stream counts apart from its start on.
    """

    def __init__(self, app: ASGIApp, limit: int, max_streams: int) -> None:
        super().__init__(app)
        self.free = limit
        self.free_streams = max_streams
        self.late_bodies = ClientShares(limit)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if local_path(scope) in PROBE_PATHS:
            await self.app(scope, receive, send)
        elif self.free > 0 and (self.free_streams > 0 or not is_stream(scope, 200)):
            place = Place(self, scope, receive, send)
            try:
                await self.app(scope, place.receive, place.send)
            finally:
                place.leave()
        else:
            count_shed(scope)
            response = problem_response(HTTPStatus.SERVICE_UNAVAILABLE, detail=BUSY)
            await response(scope, receive, send)


class Place:
    """The place of one request, held from its start to the end of its response."""

    __slots__ = (
        "_awaits_body",
        "_is_held",
        "_is_late",
        "_is_stream",
        "_late_at",
        "_owner",
        "_receive",
        "_scope",
        "_send",
    )

    def __init__(
        self, owner: LoadSheddingMiddleware, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._owner, self._scope = owner, scope
        self._receive, self._send = receive, send
        self._awaits_body = self._is_held = True
        self._is_late = self._is_stream = False
        self._late_at = 0.0
        owner.free -= 1

    async def receive(self) -> Message:
        """Wait for the next part of the body, without holding the place."""
        if not self._awaits_body:
            return await self._receive()
        self._owner.free += 1
        try:
            message = await self._next_piece()
        finally:
            self._owner.free -= 1
        self._awaits_body = message.get("more_body", False)
        if not self._awaits_body:
            self._forget_late()
        if self._owner.free < 0:
            raise self._busy()
        return message

    async def send(self, message: Message) -> None:
        """Send a message, and leave after the last one.

        A 413 leaves at its start, because the rest of the body is only discarded.
        """
        self._awaits_body = False
        await self._send(message)
        if message["type"] == "http.response.body":
            is_last = not message.get("more_body")
        else:
            is_last = message["status"] == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            if is_stream(self._scope, message["status"]):
                self._become_stream()
        if is_last:
            self.leave()

    def leave(self) -> None:
        """Give the place back, once."""
        if self._is_held:
            self._is_held = False
            self._owner.free += 1
        if self._is_stream:
            self._is_stream = False
            self._owner.free_streams += 1
        self._forget_late()

    def _become_stream(self) -> None:
        """Leave the place of a request for that of a stream."""
        self.leave()
        self._is_stream = True
        self._owner.free_streams -= 1

    async def _next_piece(self) -> Message:
        if self._is_late:
            return await self._receive()
        if not self._late_at:
            self._late_at = get_running_loop().time() + PATIENCE
        try:
            async with timeout_at(self._late_at):
                return await self._receive()
        except TimeoutError:
            self._count_late()
        return await self._receive()

    def _count_late(self) -> None:
        self._is_late = self._owner.late_bodies.acquire(client_network(self._scope))
        if not self._is_late:
            raise self._busy()

    def _forget_late(self) -> None:
        if self._is_late:
            self._is_late = False
            self._owner.late_bodies.release(client_network(self._scope))

    def _busy(self) -> HTTPException:
        count_shed(self._scope)
        close = {"Connection": "close"}  # the rest of the body is not read
        return HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, BUSY, close)


def count_shed(scope: Scope) -> None:
    """Count a rejected request."""
    metrics: Metrics = scope["state"]["metrics"]
    metrics.shed.inc()
