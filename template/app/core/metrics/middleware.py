"""Metrics of requests: number, duration, status and requests in progress."""

from time import perf_counter

from starlette.types import Message, Receive, Scope, Send

from app.core.metrics.metrics import Metrics
from app.core.request import HttpMiddleware, route_template

METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
OTHER = "other"  # scanners invent methods, and each would be a series of its own


class MetricsMiddleware(HttpMiddleware):
    """Counts and times requests, by method, route and status."""

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Tasks after the response do not count."""
        metrics: Metrics = scope["state"]["metrics"]
        start = perf_counter()
        status = 500
        is_complete = False

        def count() -> None:
            metrics.in_progress -= 1
            method = scope["method"] if scope["method"] in METHODS else OTHER
            seconds = perf_counter() - start
            metrics.count_request(method, route_template(scope), status, seconds)

        async def watch(message: Message) -> None:
            nonlocal is_complete, status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                is_complete = True
                count()

        metrics.in_progress += 1
        try:
            await self.app(scope, receive, watch)
        except Exception:
            status = 500  # even if the response had started with another status
            raise
        finally:
            if not is_complete:
                count()
