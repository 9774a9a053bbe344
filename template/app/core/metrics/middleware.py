"""Metrics of requests: number, duration, status and requests in progress."""

from time import perf_counter

from starlette.types import Message, Receive, Scope, Send

from app.core.metrics.metrics import Metrics
from app.core.request import HttpMiddleware, is_stream, route_template

METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
OTHER = "other"  # scanners invent methods, and each would be a series of its own


class MetricsMiddleware(HttpMiddleware):
    """Counts and times requests, by method, route and status.

    A stream counts as a request until it starts, and then as a stream.
    """

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Tasks after the response do not count."""
        request = Measurement(scope)

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                request.status = int(message["status"])
            await send(message)
            request.count(message)

        try:
            await self.app(scope, receive, watch)
        except Exception:
            request.status = 500  # even if the response had started with another status
            request.end("failed")
            raise
        finally:
            request.end("aborted")


class Measurement:
    """The duration of one request, and of the stream that its response may be."""

    __slots__ = ("_is_request", "_is_stream", "_metrics", "_scope", "_start", "status")

    def __init__(self, scope: Scope) -> None:
        self.status = 500
        self._scope = scope
        self._metrics: Metrics = scope["state"]["metrics"]
        self._is_request, self._is_stream = True, False
        self._start = perf_counter()
        self._metrics.in_progress += 1

    def count(self, message: Message) -> None:
        """Notice what was sent."""
        if message["type"] == "http.response.start":
            if is_stream(self._scope, self.status):
                self._begin_stream()
        elif not message.get("more_body"):
            self.end("complete")

    def end(self, outcome: str) -> None:
        """Count the request or the stream, once."""
        seconds = perf_counter() - self._start
        if self._is_request:
            self._is_request = False
            self._metrics.in_progress -= 1
            method = self._scope["method"]
            method = method if method in METHODS else OTHER
            route = route_template(self._scope)
            self._metrics.count_request(method, route, self.status, seconds)
        elif self._is_stream:
            self._is_stream = False
            route = route_template(self._scope)
            self._metrics.count_stream(route, outcome, seconds)

    def _begin_stream(self) -> None:
        self.end("complete")
        self._is_stream = True
        self._start = perf_counter()
        self._metrics.streams_open.inc()
