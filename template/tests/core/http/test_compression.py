"""Compression of responses."""

from fastapi.testclient import TestClient

from app.settings import Settings
from tests.support.sample_app import create_app
from tests.support.settings import changed
from tests.support.streams import Gate, streaming


def test_responses_are_compressed_if_enabled(settings: Settings) -> None:
    accept = {"Accept-Encoding": "gzip"}
    for compress in (True, False):
        app = create_app(changed(settings, "api", compress=compress))

        @app.get("/long")
        async def text() -> str:
            return "x" * 10_000

        with TestClient(app, headers=accept) as client:
            response = client.get("/long")
            assert response.json() == "x" * 10_000
            encoding = response.headers.get("content-encoding")
            assert encoding == ("gzip" if compress else None)
            if compress:
                assert response.headers["vary"] == "Accept-Encoding"
                assert int(response.headers["content-length"]) < 1000
            short = client.get("/health/live").headers
            assert "content-encoding" not in short


def test_streams_are_not_compressed(settings: Settings) -> None:
    compressing = changed(settings, "api", compress=True)
    with streaming(compressing, Gate()) as client:
        for path in ("rows", "file"):
            headers = {"Accept-Encoding": "gzip"}
            response = client.get(f"/streams/{path}", headers=headers)
            assert "content-encoding" not in response.headers
