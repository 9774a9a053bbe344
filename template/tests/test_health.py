"""What orchestrators ask."""

import socket

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import make_url

from app.api import health
from app.core.settings import DatabaseSettings, Settings
from app.factory import create_app
from tests.conftest import NO_DATABASE


def test_alive_and_ready(client: TestClient) -> None:
    for url in ("/health/live", "/health/ready"):
        response = client.get(url)
        assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_without_database(
    settings: Settings, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(settings.model_copy(update={"database": NO_DATABASE}))
    with TestClient(app, headers=dict(client.headers)) as isolated:
        assert isolated.get("/health/live").status_code == 200
        for url in ("/health/ready", "/api/v1/items"):
            response = isolated.get(url)
            assert response.status_code == 503
            assert response.headers["retry-after"] == "1"
            assert response.json()["type"] == "urn:problem:unavailable"
            assert "127.0.0.1" in caplog.text
            caplog.clear()


def test_a_database_that_never_answers(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "READY_WITHIN", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        url = make_url(f"postgresql://postgres@127.0.0.1:{port}/postgres")
        database = DatabaseSettings(url=url, connect_timeout=2)
        app = create_app(settings.model_copy(update={"database": database}))
        with TestClient(app) as client:
            response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["detail"] == "The database does not answer in time."
