"""Pages by offset."""

import pytest
from fastapi.testclient import TestClient

from app.core.schemas.pagination import MAX_OFFSET
from tests.support.sample_app import WIDGETS


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=ten",
        "offset=-1",
        f"offset={MAX_OFFSET + 1}",
        f"offset={2**64}",
        f"limit={2**64}",
        "page=2",
        "limit=1&unknown=",
    ],
)
def test_bad_queries_are_refused(client: TestClient, query: str) -> None:
    response = client.get(f"{WIDGETS}?{query}")
    assert response.status_code == 422
    assert response.json()["errors"][0]["location"] == "query"


def test_deepest_page(client: TestClient) -> None:
    assert client.get(f"{WIDGETS}?offset={MAX_OFFSET}").json()["items"] == []


def test_offset_beyond_the_maximum_hints_at_cursors(client: TestClient) -> None:
    response = client.get(f"{WIDGETS}?offset={MAX_OFFSET + 1}")
    [error] = response.json()["errors"]
    assert (error["location"], error["pointer"]) == ("query", "/offset")
    assert error["detail"].endswith("10000. Lists by cursor have no end")
    operation = client.get("/openapi.json").json()["paths"][WIDGETS]["get"]
    schemas = {one["name"]: one["schema"] for one in operation["parameters"]}
    assert schemas["offset"]["maximum"] == MAX_OFFSET
