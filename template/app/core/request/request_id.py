"""The request id, in every response and every line of the log."""

import re
from secrets import token_hex

from opentelemetry.trace import get_current_span
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send
from uuid_utils.compat import uuid7

from app.core.request.context import RequestContext, request_context
from app.core.request.middleware import HttpMiddleware

REQUEST_ID_HEADER = "x-request-id"
PLAIN_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
# Version, trace id, parent id, flags: W3C Trace Context, section 3.2.
TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?"
)


class RequestIdMiddleware(HttpMiddleware):
    """Set the request id, or keep the caller's id if it is short and printable."""

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        headers = Headers(scope=scope)
        given = headers.get(REQUEST_ID_HEADER, "")
        request_id = given if PLAIN_REQUEST_ID.fullmatch(given) else str(uuid7())
        context = RequestContext(request_id, *_trace(headers))
        context.headers.append((REQUEST_ID_HEADER.encode(), request_id.encode()))
        scope.setdefault("state", {})["context"] = context
        request_context.set(context)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *context.headers]
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _trace(headers: Headers) -> tuple[str, str | None]:
    """Return the trace id of a request, and its ``traceparent`` header if valid."""
    span = get_current_span().get_span_context()
    if span.is_valid:
        return f"{span.trace_id:032x}", None
    given = TRACEPARENT.fullmatch(headers.get("traceparent", ""))
    return (given[1], f"00{given[0][2:55]}") if given else (token_hex(16), None)
