"""Turn unhandled exceptions into 500 problem responses."""

import logging
from asyncio import CancelledError
from http import HTTPStatus

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from app.core.errors.problems import problem_response
from app.core.request import HttpMiddleware

logger = logging.getLogger(__name__)


class ErrorMiddleware(HttpMiddleware):
    """Log an unhandled exception and respond with 500, without details."""

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        started = False

        async def watch_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch_start)
        except ClientDisconnect:  # while its body was read; the log has this status
            if started:
                raise
            response = problem_response(HTTPStatus.BAD_REQUEST)
            await response(scope, receive, send)
        except Exception:
            if started:  # the server closes the connection
                raise
            logger.exception("Request %s failed", scope["state"]["context"].request_id)
            response = problem_response(HTTPStatus.INTERNAL_SERVER_ERROR)
            await response(scope, receive, send)
        except CancelledError:  # the server stops and no longer waits for the request
            if started:
                raise
            response = problem_response(
                HTTPStatus.SERVICE_UNAVAILABLE,
                detail="The service is stopping.",
            )
            await response(scope, receive, send)
