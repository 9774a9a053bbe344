"""Filters and order of lists of items."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from tests.support.statements import record_statements

ITEMS = "/api/v1/items"
SORTS = ["created_at", "-created_at", "name", "-name"]


def create(client: TestClient, name: str, sku: str = "") -> dict[str, Any]:
    body = {"sku": sku or uuid4().hex, "name": name}
    item: dict[str, Any] = client.post(ITEMS, json=body).json()
    return item


def names(client: TestClient, **query: str) -> list[str]:
    items = client.get(ITEMS, params=query).json()["items"]
    return [item["name"] for item in items]


@pytest.mark.parametrize("sort", SORTS)
def test_items_are_sorted_and_then_by_id(client: TestClient, sort: str) -> None:
    created = [create(client, name) for name in ("Torch", "Lamp", "Lantern", "Lamp")]
    column = sort.removeprefix("-")
    assert client.get(ITEMS, params={"sort": sort}).json()["items"] == sorted(
        created,
        key=lambda item: (item[column], item["id"]),
        reverse=sort.startswith("-"),
    )


def test_search_finds_parts_of_names_and_skus(client: TestClient) -> None:
    for name, sku in (("Lamp 50%", "a-1"), ("LAMP_50/2", "b-2"), ("Torch", "xlampx")):
        create(client, name, sku)
    found = {
        search: names(client, search=search, sort="name")
        for search in ("lamp", "50%", "p_5", "50/", "%", "_", "nothing")
    }
    assert found == {
        "lamp": names(client, sort="name"),
        "50%": ["Lamp 50%"],
        "p_5": ["LAMP_50/2"],
        "50/": ["LAMP_50/2"],
        "%": ["Lamp 50%"],
        "_": ["LAMP_50/2"],
        "nothing": [],
    }


def test_items_of_a_time_are_found(client: TestClient) -> None:
    first, second, third = (
        create(client, name)["created_at"] for name in ("First", "Second", "Third")
    )
    assert names(client, created_from=second) == ["Third", "Second"]
    assert names(client, created_before=second) == ["First"]
    assert names(client, created_from=first, created_before=third) == [
        "Second",
        "First",
    ]
    assert names(client, created_from="9999-12-31T00:00:00Z") == []


@pytest.mark.parametrize(
    "query",
    ["sort=sku", "sort=", "sort=name,id", "sort=--name", "search=", "created_from=1"],
)
def test_unknown_sorts_and_bad_filters_are_refused(
    client: TestClient, query: str
) -> None:
    assert client.get(f"{ITEMS}?{query}").status_code == 422


def test_a_page_costs_two_statements(client: TestClient) -> None:
    with record_statements("FROM items") as statements:
        client.get(ITEMS, params={"search": "lamp", "sort": "name"})
    assert len(statements) == 2
