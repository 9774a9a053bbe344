"""What holds whatever is sent, which Hypothesis makes up.

``--hypothesis-profile=deep`` makes up more. Each example begins with what the ones
before it left in the tables.
"""

from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as some

from app.core.schemas.pagination import MAX_OFFSET
from tests.support.sample_app import LAMP, THINGS

V2 = "/api/v2/things"


def create(client: TestClient) -> str:
    """Create a thing and return its id."""
    body = {"sku": uuid4().hex, "name": "Lamp"}
    id_: str = client.post(THINGS, json=body).json()["id"]
    return id_


# --- Pages ------------------------------------------------------------------------
@given(
    rows=some.integers(0, 6),
    limit=some.integers(1, 4),
    # After each page: a row that comes, or the number of one that goes.
    changes=some.lists(
        some.lists(some.none() | some.integers(0, 9), max_size=2), max_size=4
    ),
)
def test_cursor_pages_neither_skip_nor_repeat_rows_during_writes(
    client: TestClient, rows: int, limit: int, changes: list[list[int | None]]
) -> None:
    there = [create(client) for _ in range(rows)]
    ids, seen, cursor = set(there), [], None
    while True:
        query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        page = client.get(V2, params=query).json()
        seen += [thing["id"] for thing in page["items"]]
        assert len(seen) == len(set(seen))
        cursor = page["next_cursor"]
        if not cursor:
            break
        for change in changes.pop() if changes else ():
            if change is None:
                there.append(create(client))
            elif there:
                client.delete(f"{THINGS}/{there.pop(change % len(there))}")
    assert ids.intersection(there) <= set(seen)
    for id_ in there:
        client.delete(f"{THINGS}/{id_}")


@pytest.fixture
def ids(client: TestClient) -> list[str]:
    """The ids of some things, newest first."""
    return [create(client) for _ in range(7)][::-1]


@given(
    limit=some.integers(1, 100),
    offset=some.integers(0, 9) | some.integers(0, MAX_OFFSET),
)
def test_offset_page_is_a_slice_of_the_list(
    client: TestClient, ids: list[str], limit: int, offset: int
) -> None:
    page = client.get(THINGS, params={"limit": limit, "offset": offset}).json()
    part = [thing["id"] for thing in page.pop("items")]
    assert part == ids[offset : offset + limit]
    assert page == {"total": len(ids), "limit": limit, "offset": offset}


# --- Requests that are sent twice ---------------------------------------------------
KEYS = some.text(some.characters(min_codepoint=33, max_codepoint=126), max_size=200)


@given(
    keys=some.lists(KEYS, min_size=2, max_size=2, unique=True),
    calls=some.lists(
        some.tuples(some.integers(0, 1), some.integers(0, 2)), min_size=1, max_size=6
    ),
)
def test_idempotency_key_stands_for_one_successful_request(
    client: TestClient, keys: list[str], calls: list[tuple[int, int]]
) -> None:
    example = uuid4().hex  # keys and SKUs of other examples are others
    answered: dict[int, tuple[int, bytes]] = {}
    for key, number in calls:
        body = {"sku": f"{example}-{number}", "name": "Lamp"}
        headers = {"Idempotency-Key": example + keys[key]}
        response = client.post(THINGS, json=body, headers=headers)
        taken = {number for number, _ in answered.values()}
        if key in answered:
            before, content = answered[key]
            assert response.status_code == (201 if number == before else 422)
            assert number != before or response.content == content
        elif number in taken:
            assert response.status_code == 409
        else:
            assert response.status_code == 201
            answered[key] = number, response.content


# --- ETags ----------------------------------------------------------------------------
OPAQUE = some.characters(
    codec="latin-1", min_codepoint=0x21, exclude_characters='"\x7f'
)
TAGS = some.tuples(some.sampled_from(["", "W/"]), some.none() | some.text(OPAQUE))


@pytest.fixture
def thing(client: TestClient) -> tuple[str, str]:
    """The path and the ETag of a thing."""
    headers = client.post(THINGS, json=LAMP).headers
    return headers["location"], headers["etag"]


@given(tags=some.lists(TAGS, min_size=1), comma=some.sampled_from([",", ", ", " ,,"]))
def test_list_of_etags_matches_if_it_contains_the_current_one(
    client: TestClient,
    thing: tuple[str, str],
    tags: list[tuple[str, str | None]],
    comma: str,
) -> None:
    """``None`` stands for the tag; no other text is that of this state."""
    url, own = thing
    texts = [weak + (own if tag is None else f'"{tag}"') for weak, tag in tags]
    given_ = comma.join(texts).encode("latin-1")
    if_match = client.get(url, headers=[(b"If-Match", given_)])
    assert if_match.status_code == (200 if ("", None) in tags else 412)
    if_none_match = client.get(url, headers=[(b"If-None-Match", given_)])
    known = any(tag is None for _, tag in tags)
    assert if_none_match.status_code == (304 if known else 200)
