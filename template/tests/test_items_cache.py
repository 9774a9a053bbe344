"""Items, read through the cache."""

import socket
from collections.abc import Iterator
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import make_url

from app.core.settings import DatabaseSettings, Settings
from app.factory import create_app

ITEMS = "/api/v1/items"
NO_DATABASE = DatabaseSettings(
    url=make_url("postgresql://postgres@127.0.0.1:1/postgres")
)


@pytest.fixture
def lamp(client: TestClient) -> str:
    """The URL of a new item."""
    response = client.post(ITEMS, json={"sku": uuid4().hex, "name": "Lamp"})
    return response.headers["location"]


@pytest.fixture
def cache_only(settings: Settings) -> Iterator[TestClient]:
    """A client of a service that shares the cache but has no database."""
    app = create_app(settings.model_copy(update={"database": NO_DATABASE}))
    with TestClient(app) as client:
        yield client


def test_a_second_read_needs_no_database(
    client: TestClient, cache_only: TestClient, lamp: str
) -> None:
    assert cache_only.get(lamp).status_code == 503
    item = client.get(lamp).json()
    cached = cache_only.get(lamp)
    assert (cached.status_code, cached.json()) == (200, item)


def test_a_change_is_seen_at_once(client: TestClient, lamp: str) -> None:
    assert client.get(lamp).json()["name"] == "Lamp"
    client.patch(lamp, json={"name": "Torch"})
    assert client.get(lamp).json()["name"] == "Torch"
    client.delete(lamp)
    assert client.get(lamp).status_code == 404


@pytest.fixture
def silent_server() -> Iterator[str]:
    """The URL of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture
def refusing_server() -> str:
    """The URL of a port where nobody listens."""
    return "redis://127.0.0.1:1/0"


@pytest.mark.parametrize("server", ["silent_server", "refusing_server"])
def test_an_outage_goes_unnoticed(
    settings: Settings, lamp: str, server: str, request: pytest.FixtureRequest
) -> None:
    url = SecretStr(request.getfixturevalue(server))
    redis = settings.redis.model_copy(update={"url": url})
    with TestClient(create_app(settings.model_copy(update={"redis": redis}))) as client:
        assert client.get(lamp).json()["name"] == "Lamp"
        assert client.patch(lamp, json={"name": "Torch"}).status_code == 200
        assert client.get(lamp).json()["name"] == "Torch"
        assert client.delete(lamp).status_code == 204
        assert client.get(lamp).status_code == 404
