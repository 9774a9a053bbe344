"""Metrics of WebSockets, apart from those of requests."""

import pytest
from fastapi import WebSocket
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.settings import Settings
from tests.support.metrics import scrape, total
from tests.support.sample_app import create_app

CLOSED = "websockets_closed_total"


def test_websockets_are_counted_apart_from_requests(settings: Settings) -> None:
    app = create_app(settings)

    @app.websocket("/close/{code}")
    async def close(socket: WebSocket, code: int) -> None:
        await socket.accept()
        await socket.receive_text()
        await socket.close(code)

    with TestClient(app) as client:
        for code in (1000, 4001, 4002, 4404):
            with client.websocket_connect(f"/close/{code}") as socket:
                samples = scrape(client)
                assert total(samples, "websockets") == 1
                assert total(samples, "http_requests_in_progress") == 1  # this one
                socket.send_text("Bye.")
                with pytest.raises(WebSocketDisconnect):
                    socket.receive_text()
        samples = scrape(client)
    route = {"route": "/close/{code}"}
    assert total(samples, "websockets") == 0
    for group, number in (("1000", 1), ("40xx", 2), ("44xx", 1)):
        assert total(samples, CLOSED, **route, code=group) == number
    assert total(samples, "websocket_duration_seconds_count", **route) == 4
    # As requests, only their handshakes count.
    assert total(samples, "http_requests_total", **route, status="101") == 4
