"""WebSockets: their handshakes, limits, log lines and metrics."""

from app.core.websockets.handshake import HandshakeMiddleware
from app.core.websockets.middleware import WebSocketMiddleware

__all__ = [
    "HandshakeMiddleware",
    "WebSocketMiddleware",
]
