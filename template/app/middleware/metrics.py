"""How many requests there are, how they end and how long they take."""

from time import perf_counter

from starlette.types import Message, Receive, Scope, Send

from app.core.metrics import Metrics
from app.middleware.base import HttpMiddleware
from app.middleware.route import route_template

METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
OTHER = "other"  # scanners invent methods, and each would be a series of its own


class MetricsMiddleware(HttpMiddleware):
    """Counts and times requests, by method, route and status."""

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        metrics: Metrics = scope["state"]["metrics"]
        start = perf_counter()
        status = 500

        async def watch_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        metrics.in_progress += 1
        try:
            await self.app(scope, receive, watch_status)
        except Exception:
            status = 500  # even if the answer had begun well
            raise
        finally:
            metrics.in_progress -= 1
            method = scope["method"] if scope["method"] in METHODS else OTHER
            seconds = perf_counter() - start
            metrics.count_request(method, route_template(scope), status, seconds)
