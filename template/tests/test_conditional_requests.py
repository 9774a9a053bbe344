"""Entity tags: reading only what changed, changing only what was read."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from app.core.etags import Preconditions, etag

ITEMS = "/api/v1/items"
OTHER = '"00000000000000000000000000000000"'


@pytest.fixture
def created(client: TestClient) -> Response:
    """The answer to the creation of an item."""
    return client.post(ITEMS, json={"sku": "lamp-1", "name": "Lamp"})


@pytest.fixture
def url(created: Response) -> str:
    """Where the item is."""
    return created.headers["location"]


@pytest.fixture
def tag(created: Response) -> str:
    """The entity tag of the item."""
    return created.headers["etag"]


# Lists with the tag in them, one for each line of the header.
LISTS = [
    ["{tag}"],
    [OTHER + ", {tag}"],
    ['"a,b",,{tag} ,"\xe9"'],
    [OTHER, "{tag}"],
    ["*"],
    [" * "],
]
# What is no list of tags, even if it looks a little like one.
HOSTILE = [
    "",
    ",",
    '"',
    '""',
    "\xff\x00\x7f",
    '"' * 30_000,
    '"' + "a" * 30_000,
    "W/" * 15_000,
    '"a", ' * 6_000,
    "*, *",
    "{bare}",
    "'{bare}'",
    'x{tag}, {tag}x, "{tag}"',
    "w/{tag}",
]


def lines(name: str, values: list[str], tag: str) -> list[tuple[bytes, bytes]]:
    """Return a header with each value in a line of its own."""
    texts = [value.format(tag=tag, bare=tag.strip('"')) for value in values]
    return [(name.encode(), text.encode("latin-1")) for text in texts]


def test_every_answer_with_an_item_has_its_tag(
    client: TestClient, url: str, tag: str
) -> None:
    assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
    for _ in range(3):
        assert client.get(url).headers["etag"] == tag
        assert client.head(url).headers["etag"] == tag
    assert client.patch(url, json={}).headers["etag"] == tag
    changed = client.patch(url, json={"name": "Torch"}).headers["etag"]
    assert changed != tag
    for _ in range(3):
        assert client.get(url).headers["etag"] == changed


def test_a_tag_means_the_same_to_all_processes(created: Response) -> None:
    assert etag(created.content) == created.headers["etag"]
    assert etag(b"Lamp") == '"59eefa2b19863a354fc9fa79745082cd"'


@pytest.mark.parametrize("values", LISTS)
@pytest.mark.parametrize("prefix", ["", "W/"])
def test_what_is_known_is_not_sent_again(
    client: TestClient,
    url: str,
    tag: str,
    values: list[str],
    prefix: str,
) -> None:
    headers = lines("If-None-Match", values, prefix + tag)
    response = client.get(url, headers=headers)
    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["etag"] == tag
    assert "content-type" not in response.headers
    assert client.head(url, headers=headers).status_code == 304
    client.patch(url, json={"name": "Torch"})
    status = 304 if b"*" in headers[0][1] else 200
    assert client.get(url, headers=headers).status_code == status


@pytest.mark.parametrize("values", LISTS)
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_the_expected_state_is_accepted(
    client: TestClient,
    url: str,
    tag: str,
    values: list[str],
    method: str,
) -> None:
    headers = lines("If-Match", values, tag)
    json = {"name": "Torch"} if method == "PATCH" else None
    assert client.request(method, url, json=json, headers=headers).is_success


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("If-Match", OTHER),
        ("If-Match", "W/{tag}"),
        ("If-Match", OTHER + ", W/{tag}"),
        ("If-None-Match", "{tag}"),
        ("If-None-Match", "W/{tag}"),
        ("If-None-Match", "*"),
    ],
)
def test_another_state_is_left_alone(
    client: TestClient, created: Response, method: str, header: str, value: str
) -> None:
    url, tag = created.headers["location"], created.headers["etag"]
    headers = {header: value.format(tag=tag)}
    json = {"name": "Torch"} if method == "PATCH" else None
    response = client.request(method, url, json=json, headers=headers)
    if (method, header) == ("GET", "If-None-Match"):
        assert response.status_code == 304
    else:
        assert response.status_code == 412
        assert response.json()["type"] == "urn:problem:precondition-failed"
    assert client.get(url).json() == created.json()


def test_the_state_counts_before_what_is_asked_for(
    client: TestClient, url: str, tag: str
) -> None:
    client.post(ITEMS, json={"sku": "lamp-2", "name": "Lamp"})
    taken = {"sku": "lamp-2"}
    for if_match, status in ((OTHER, 412), (tag, 409)):
        headers = {"If-Match": if_match}
        assert client.patch(url, json=taken, headers=headers).status_code == status


def test_what_does_not_exist_has_no_state(client: TestClient) -> None:
    for header in ("If-Match", "If-None-Match"):
        headers = {header: "*"}
        url = f"{ITEMS}/{uuid4()}"
        assert client.get(url, headers=headers).status_code == 404
        assert client.delete(url, headers=headers).status_code == 404


def test_of_two_changes_to_one_state_one_is_made(
    client: TestClient, url: str, tag: str
) -> None:
    def change(number: int) -> int:
        headers = {"If-Match": tag}
        if number % 5 == 0:
            return client.delete(url, headers=headers).status_code
        return client.patch(
            url, json={"name": f"Lamp {number}"}, headers=headers
        ).status_code

    with ThreadPoolExecutor(20) as threads:
        statuses = Counter(threads.map(change, range(1, 21)))
    assert statuses[200] + statuses[204] == 1
    assert statuses[412] + statuses[404] == 19


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_tags_match_nothing(
    client: TestClient, url: str, tag: str, value: str
) -> None:
    known = client.get(url, headers=lines("If-None-Match", [value], tag))
    assert (known.status_code, known.headers["etag"]) == (200, tag)
    for method in ("PATCH", "DELETE"):
        json = {"name": "Torch"} if method == "PATCH" else None
        headers = lines("If-Match", [value], tag)
        response = client.request(method, url, json=json, headers=headers)
        assert response.status_code == 412
    assert client.get(url).headers["etag"] == tag


def test_without_conditions_every_state_will_do() -> None:
    assert Preconditions().accept(OTHER)
    assert not Preconditions().know(OTHER)


def test_conditions_are_documented(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    item = paths[ITEMS + "/{item_id}"]
    for method, tagged in {"get": "200", "patch": "200", "delete": None}.items():
        headers = {one["name"] for one in item[method]["parameters"]}
        assert headers >= {"If-Match", "If-None-Match"}
        assert "412" in item[method]["responses"]
        if tagged:
            assert "ETag" in item[method]["responses"][tagged]["headers"]
    assert "ETag" in item["get"]["responses"]["304"]["headers"]
    assert "ETag" in paths[ITEMS]["post"]["responses"]["201"]["headers"]
