"""The application that servers import."""

import gc
import socket

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import make_url

from app.core.database import DatabaseSettings
from app.factory import create_app
from app.main import app
from app.settings import Settings


def test_app_main_provides_the_application() -> None:
    assert isinstance(app, FastAPI)
    assert app.title == Settings().app.name


def test_application_is_frozen_for_the_garbage_collector() -> None:
    assert gc.get_freeze_count() > 0
    assert all(found is not app for found in gc.get_objects())


def test_startup_opens_no_database_connection(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        port = server.getsockname()[1]
        url = make_url(f"postgresql://postgres@127.0.0.1:{port}/postgres")
        database = DatabaseSettings(url=url)
        app = create_app(settings.model_copy(update={"database": database}))
        with TestClient(app) as client:
            assert client.get("/health/live").status_code == 200
        with pytest.raises(BlockingIOError):
            server.accept()
