"""The application that servers import."""

from fastapi import FastAPI
from sqlalchemy import make_url

from app.core.settings import DatabaseSettings, Settings
from app.factory import create_app
from app.main import app

NOBODY_LISTENS = make_url("postgresql://postgres@127.0.0.1:1/postgres")


def test_servers_import_an_application() -> None:
    assert isinstance(app, FastAPI)
    assert app.title == Settings().app.name


def test_building_an_application_opens_nothing(settings: Settings) -> None:
    database = DatabaseSettings(url=NOBODY_LISTENS)
    one = create_app(settings.model_copy(update={"database": database}))
    other = create_app(settings)
    assert one is not other
