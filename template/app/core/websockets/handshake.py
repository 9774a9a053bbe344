"""WebSocket handshakes, which all middleware serves as HTTP requests."""

from collections.abc import Awaitable
from contextlib import suppress
from http import HTTPStatus

from starlette.types import Message, Receive, Scope, Send

from app.core.request import HttpMiddleware

BEARER = "bearer"


class HandshakeMiddleware(HttpMiddleware):
    """Serve a WebSocket handshake as the GET request that it is (RFC 6455, 1.3).

    The middleware inside needs no code for WebSockets: ids, logs, metrics, limits and
    errors are those of a request. Status 101 opens the WebSocket, and
    ``WebSocketMiddleware`` serves it; any other response refuses the handshake.
    """

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve a handshake; pass on other events."""
        serve = self.serve if scope["type"] == "websocket" else self.app
        return serve(scope, receive, send)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one handshake."""
        request = {**scope, "type": "http", "method": "GET"}
        request["websocket"] = receive, send
        offered = [*scope.get("subprotocols", ())]
        has_token = offered[:1] == [BEARER] and len(offered) > 1
        if has_token:
            # Pages can set no header of a handshake except the subprotocols.
            authorization = (b"authorization", f"Bearer {offered[1]}".encode())
            request["headers"] = [*scope["headers"], authorization]
            request["subprotocols"] = offered[2:]
        is_open = False

        async def respond(message: Message) -> None:
            nonlocal is_open
            if is_open:  # the empty body of 101
                return
            if message.get("status") == HTTPStatus.SWITCHING_PROTOCOLS:
                is_open = True
                subprotocol = message["subprotocol"] or (BEARER if has_token else None)
                headers = [one for one in message["headers"] if one[0] != b"connection"]
                answer = {"subprotocol": subprotocol, "headers": headers}
                message = {"type": "websocket.accept", **answer}
            else:
                message = {**message, "type": f"websocket.{message['type']}"}
            with suppress(OSError):  # the client has left, as ``receive`` tells
                await send(message)

        await self.app(request, _receive_no_body, respond)


async def _receive_no_body() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}
