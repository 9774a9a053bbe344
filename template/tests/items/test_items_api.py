"""Items over HTTP."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

ITEMS = "/api/v1/items"


def create(client: TestClient, **fields: Any) -> Response:  # noqa: ANN401
    body = {"sku": uuid4().hex, "name": "Lamp", **fields}
    return client.post(ITEMS, json=body)


def test_create(client: TestClient) -> None:
    response = create(client, sku="lamp-1", description="Bright")
    item = response.json()
    assert response.status_code == 201
    assert response.headers["location"] == f"{ITEMS}/{item['id']}"
    assert UUID(item["id"]).version == 7
    assert item["created_at"] == item["updated_at"]
    assert item["created_at"].endswith(("Z", "+00:00"))
    assert (item["sku"], item["name"], item["description"]) == (
        "lamp-1",
        "Lamp",
        "Bright",
    )


def test_get(client: TestClient) -> None:
    created = create(client)
    response = client.get(created.headers["location"])
    assert response.status_code == 200
    assert response.json() == created.json()


def test_description_is_optional(client: TestClient) -> None:
    assert create(client).json()["description"] is None


def test_update_changes_only_what_is_sent(client: TestClient) -> None:
    item = create(client, description="Bright").json()
    url = f"{ITEMS}/{item['id']}"
    renamed = client.patch(url, json={"name": "Torch"})
    assert renamed.status_code == 200
    updated_at = renamed.json()["updated_at"]
    assert updated_at > item["updated_at"]
    assert renamed.json() == {**item, "name": "Torch", "updated_at": updated_at}
    assert client.get(url).json() == renamed.json()
    assert client.patch(url, json={}).json() == renamed.json()


def test_update_with_null_clears_the_description(client: TestClient) -> None:
    item = create(client, description="Bright").json()
    response = client.patch(f"{ITEMS}/{item['id']}", json={"description": None})
    assert response.json()["description"] is None
    for field in ("sku", "name"):
        refused = client.patch(f"{ITEMS}/{item['id']}", json={field: None})
        assert refused.status_code == 422


def test_delete(client: TestClient) -> None:
    url = create(client).headers["location"]
    assert client.get(url).status_code == 200
    response = client.delete(url)
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(url).status_code == 404
    assert client.delete(url).status_code == 404


def test_list_is_newest_first_and_in_pages(client: TestClient) -> None:
    ids = [create(client).json()["id"] for _ in range(5)]
    newest_first = ids[::-1]
    page = client.get(ITEMS, params={"limit": 2, "offset": 2}).json()
    assert [item["id"] for item in page["items"]] == newest_first[2:4]
    assert (page["total"], page["limit"], page["offset"]) == (5, 2, 2)
    everything = client.get(ITEMS).json()
    assert [item["id"] for item in everything["items"]] == newest_first
    assert client.get(ITEMS, params={"offset": 9}).json()["items"] == []


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_unknown_item(client: TestClient, method: str) -> None:
    json = {"name": "Torch"} if method == "PATCH" else None
    response = client.request(method, f"{ITEMS}/{uuid4()}", json=json)
    assert response.status_code == 404
    assert response.json()["type"] == "urn:problem:item-not-found"


def test_sku_is_unique(client: TestClient) -> None:
    create(client, sku="lamp-1")
    other = create(client, sku="lamp-2").json()
    responses = [
        create(client, sku="lamp-1"),
        client.patch(f"{ITEMS}/{other['id']}", json={"sku": "lamp-1"}),
    ]
    for response in responses:
        assert response.status_code == 409
        assert response.json()["type"] == "urn:problem:sku-taken"
        assert response.json()["detail"] == "Another item has this SKU."


def test_fifty_racing_duplicates_make_one_item(client: TestClient) -> None:
    with ThreadPoolExecutor(50) as threads:
        responses = threads.map(lambda _: create(client, sku="lamp-1"), range(50))
        statuses = Counter(response.status_code for response in responses)
    assert statuses == {201: 1, 409: 49}
    assert client.get(ITEMS).json()["total"] == 1


def test_changes_that_race_with_a_deletion(client: TestClient) -> None:
    urls = [create(client).headers["location"] for _ in range(10)]
    with ThreadPoolExecutor(10) as threads:
        for url in urls:
            threads.submit(client.get, url)
            changed = threads.submit(client.patch, url, json={"name": "Torch"})
            deleted = [threads.submit(client.delete, url) for _ in range(2)]
            assert changed.result().status_code in {200, 404}
            assert {one.result().status_code for one in deleted} == {204, 404}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sku": "a"},
        {"sku": "", "name": "a"},
        {"sku": "a" * 65, "name": "a"},
        {"sku": "a b", "name": "a"},
        {"sku": "a\n", "name": "a"},
        {"sku": "é", "name": "a"},
        {"sku": "a", "name": ""},
        {"sku": "a", "name": "a" * 201},
        {"sku": "a", "name": "a", "description": "a" * 2001},
        {"sku": "a", "name": "a", "colour": "red"},
        {"sku": "a", "name": "a", "id": str(uuid4())},
        {"sku": 1, "name": "a"},
        {"sku": "a", "name": "NUL \x00"},
        {"sku": "a", "name": "a", "description": "\x00"},
        [],
        "a",
        None,
    ],
)
def test_bad_bodies_are_refused(client: TestClient, body: object) -> None:
    response = client.post(ITEMS, json=body)
    assert response.status_code == 422
    assert response.json()["errors"]


def test_longest_values_are_stored(client: TestClient) -> None:
    fields = {"sku": "-_" * 32, "name": "💡" * 200, "description": "é" * 2000}
    item = create(client, **fields).json()
    assert {name: item[name] for name in fields} == fields


def test_read_with_matching_if_none_match_returns_304(client: TestClient) -> None:
    created = create(client)
    url, tag = created.headers["location"], created.headers["etag"]
    known = {"If-None-Match": tag}
    assert client.get(url, headers=known).status_code == 304
    client.patch(url, json={"name": "Torch"})
    assert client.get(url, headers=known).json()["name"] == "Torch"


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_what_has_changed_since_is_left_alone(client: TestClient, method: str) -> None:
    created = create(client)
    url, expected = created.headers["location"], {"If-Match": created.headers["etag"]}
    changed = client.patch(url, json={"name": "Torch"}, headers=expected)
    json = {"name": "Lantern"} if method == "PATCH" else None
    response = client.request(method, url, json=json, headers=expected)
    assert response.status_code == 412
    assert client.get(url).json() == changed.json()


def test_a_repeated_request_makes_one_item(client: TestClient) -> None:
    headers = {"Idempotency-Key": "a"}
    body = {"sku": "lamp-1", "name": "Lamp"}
    responses = [client.post(ITEMS, json=body, headers=headers) for _ in range(2)]
    assert [response.status_code for response in responses] == [201, 201]
    assert responses[0].json() == responses[1].json()
    assert client.get(ITEMS).json()["total"] == 1
