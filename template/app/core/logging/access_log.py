"""The access log: one line per request."""

import logging
from http import HTTPStatus
from random import random
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.logging.settings import LogSettings
from app.core.request import (
    PROBE_PATHS,
    HttpMiddleware,
    is_stream,
    request_options,
    route_template,
)

logger = logging.getLogger(__name__)


class AccessLogMiddleware(HttpMiddleware):
    """Log method, route, status, duration and client; sample ordinary requests.

    The line of a stream is written at its end. Clients may leave it at any time.
    """

    def __init__(
        self, app: ASGIApp, *, settings: LogSettings, server_timing: bool
    ) -> None:
        super().__init__(app)
        self.sampling = settings.access_sampling
        self.slow = settings.slow_request
        self.server_timing = server_timing

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Tasks after the response do not count."""
        start = perf_counter()
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR
        is_complete = False

        async def watch(message: Message) -> None:
            nonlocal is_complete, status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                if self.server_timing:
                    headers = message.get("headers", ())
                    message["headers"] = [*headers, server_timing(start)]
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                is_complete = True
                self.log(scope, status, perf_counter() - start)

        try:
            await self.app(scope, receive, watch)
        finally:
            if not is_complete:
                self.log(scope, status, perf_counter() - start, aborted=True)

    def log(self, scope: Scope, status: int, seconds: float, **more: object) -> None:
        """Log a request, unless it is ordinary and not sampled."""
        route = route_template(scope)
        level = logging.INFO
        streams = is_stream(scope, status)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or (more and not streams):
            level = logging.WARNING
        elif status < HTTPStatus.BAD_REQUEST and (seconds < self.slow or streams):
            own = request_options(scope).access_sampling
            if random() >= (self.sampling if own is None else own):  # noqa: S311
                return
            if route in PROBE_PATHS:  # these are too frequent to log
                level = logging.DEBUG
        if not logger.isEnabledFor(level):
            return
        fields = {
            "method": scope["method"],
            "route": route,
            "status": status,
            "duration_ms": round(seconds * 1000, 2),
            "client": scope["client"] and scope["client"][0],
            **more,
        }
        message = f"{scope['method']} {route} {status}"
        # Like logger.log(), without the cost of finding the calling line.
        record = logger.makeRecord(
            logger.name, level, __file__, 0, message, (), None, extra=fields
        )
        logger.handle(record)


def server_timing(start: float) -> tuple[bytes, bytes]:
    """Return a ``Server-Timing`` header, which browsers display."""
    return b"server-timing", b"total;dur=%.1f" % ((perf_counter() - start) * 1000)
