"""Dispatch to endpoints, and their options."""

import inspect
from collections.abc import Iterator

import fastapi
import pytest
from fastapi import FastAPI, WebSocket
from fastapi.testclient import TestClient

from app.core.http import APIRouter
from app.core.http.endpoint_options import EndpointOptions
from app.core.request import RouteOptions
from app.settings import Settings
from tests.support.clients import around
from tests.support.sample_app import create_app

router = APIRouter(prefix="/shops/{shop}/shelves")


@router.get("/first")
async def get_first_shelf(shop: str) -> str:
    """Return what the path contains."""
    return f"{shop} first"


@router.get("/{shelf}")
async def get_shelf(shop: str, shelf: int) -> str:
    """Return what the path contains."""
    return f"{shop} {shelf}"


@pytest.fixture(scope="module")
def shops(settings: Settings) -> Iterator[TestClient]:
    """A client of an application with routes of several kinds."""
    app, mounted = create_app(settings), FastAPI()
    app.include_router(router, prefix="/api")
    app.mount("/mounted", mounted)

    @mounted.get("/shops")
    async def list_shops() -> str:
        return "mounted"

    @app.websocket("/shops")
    async def greet(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("hello")
        await socket.close()

    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/api/shops/old town/shelves/7", 200, "old town 7"),
        ("GET", "/api/shops/old town/shelves/first", 200, "old town first"),
        ("GET", "/api/shops/old town/shelves/x", 422, "integer"),
        ("POST", "/api/shops/old town/shelves/7", 405, "Method Not Allowed"),
        ("GET", "/api/shops/old town", 404, "Not Found"),
        ("GET", "/api/stalls/old town/shelves/7", 404, "Not Found"),
        ("GET", "/mounted/shops", 200, "mounted"),
        ("GET", "/mounted/stalls", 404, "Not Found"),
    ],
)
def test_requests_reach_the_first_route_that_matches(
    shops: TestClient, method: str, path: str, status: int, text: str
) -> None:
    response = shops.request(method, path)
    assert response.status_code == status
    assert text in response.text


def test_head_reaches_the_route_of_get(shops: TestClient) -> None:
    response = shops.head("/api/shops/old town/shelves/7")
    assert (response.status_code, response.text) == (200, "")


def test_included_routers_are_not_searched_again(
    shops: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def search(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(fastapi.APIRouter, "matches", search)
    assert shops.get("/api/shops/old town/shelves/7").status_code == 200


def test_websockets_are_served(shops: TestClient) -> None:
    with shops.websocket_connect("/shops") as socket:
        assert socket.receive_text() == "hello"


def test_a_path_below_the_root_path_of_the_server(shops: TestClient) -> None:
    below = around(shops, shops.app, root_path="/below")
    assert below.get("/below/api/shops/old town/shelves/7").json() == "old town 7"


@pytest.mark.parametrize("method", ["get", "put", "post", "patch", "delete"])
def test_endpoints_have_all_options_of_fastapi(method: str) -> None:
    options = inspect.signature(getattr(fastapi.APIRouter, method)).parameters
    own = {"etag", *RouteOptions.model_fields}
    assert {*EndpointOptions.__annotations__} - own == {*options} - {"self", "path"}
