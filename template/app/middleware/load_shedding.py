"""How many requests are served at a time."""

from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.metrics import Metrics
from app.core.problems import problem_response
from app.middleware.base import WATCHED, HttpMiddleware, local_path


class LoadSheddingMiddleware(HttpMiddleware):
    """Answer 503 at once to what exceeds ``limit``, rather than everybody too late."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        super().__init__(app)
        self.free = limit

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if local_path(scope) in WATCHED:
            await self.app(scope, receive, send)
        elif self.free > 0:
            self.free -= 1
            try:
                await self.app(scope, receive, send)
            finally:
                self.free += 1
        else:
            metrics: Metrics = scope["state"]["metrics"]
            metrics.shed.inc()
            response = problem_response(
                HTTPStatus.SERVICE_UNAVAILABLE,
                detail="The service is busy.",
            )
            await response(scope, receive, send)
