"""How the endpoint of a request is found."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.http import APIRouter

router = APIRouter(prefix="/shops/{shop}/shelves")


@router.get("/{shelf}")
async def get_shelf(shop: str, shelf: int) -> str:
    """Answer with what the path says."""
    return f"{shop} {shelf}"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/shops/old town/shelves/7", 200),
        ("GET", "/api/shops/old town/shelves/x", 422),
        ("POST", "/api/shops/old town/shelves/7", 405),
        ("GET", "/api/shops/old town", 404),
        ("GET", "/api/stalls/old town/shelves/7", 404),
    ],
)
def test_a_prefix_may_have_parameters(method: str, path: str, status: int) -> None:
    app = FastAPI()
    app.include_router(router, prefix="/api")
    assert TestClient(app).request(method, path).status_code == status
