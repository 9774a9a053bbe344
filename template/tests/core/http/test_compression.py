"""Compression of responses, and of requests."""

import gzip
import json

from fastapi.testclient import TestClient

from app.settings import Settings
from tests.support.sample_app import THINGS, create_app
from tests.support.settings import changed


def test_answers_are_compressed_when_a_setting_says_so(settings: Settings) -> None:
    accept = {"Accept-Encoding": "gzip"}
    for compress in (True, False):
        app = create_app(changed(settings, "api", compress=compress))

        @app.get("/long")
        async def answer() -> str:
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


def test_compressed_requests_are_not_unpacked(client: TestClient) -> None:
    """A few bytes could become gigabytes."""
    body = gzip.compress(json.dumps({"sku": "a", "name": "a"}).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    response = client.post(THINGS, content=body, headers=headers)
    assert response.status_code in {400, 415}
