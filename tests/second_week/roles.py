"""Who may do what since the second week."""

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketDenialResponse

from app.core.database import Database
from app.permissions import Role
from app.settings import Settings
from tests.orders.test_second_week import create_order
from tests.support.accounts import Account, create_account

EXPORT = "/api/v1/orders.csv"
REPORT = "/api/v1/reports/orders"


def test_administrators_export_all_orders(
    client: TestClient, alice: Account, admin: Account
) -> None:
    ids = sorted(create_order(client).rpartition("/")[2] for _ in range(2))
    assert client.get(EXPORT, headers=alice.headers).status_code == 403
    export = client.get(EXPORT, headers=admin.headers)
    assert export.headers["content-type"] == "text/csv; charset=utf-8"
    head, *lines = export.text.splitlines()
    assert head == "id,name,created_at"
    assert [line.split(",")[:2] for line in lines] == [[id_, "First"] for id_ in ids]


async def test_accountants_read_reports_and_their_own_orders(
    client: TestClient, database: Database, settings: Settings
) -> None:
    create_order(client)
    email = "carol@example.com"
    carol = await create_account(database, settings.auth, email, Role.ACCOUNTANT)
    today = datetime.now(UTC).date().isoformat()
    report = client.get(REPORT, headers=carol.headers)
    assert report.json() == [{"day": today, "orders": 1}]
    assert client.get("/api/v1/orders", headers=carol.headers).json()["total"] == 0
    assert client.get(EXPORT, headers=carol.headers).status_code == 403
    assert client.get(REPORT).status_code == 403


@pytest.mark.parametrize("path", ["events", "photo"])
def test_nothing_of_others_can_be_read(
    client: TestClient, bob: Account, path: str
) -> None:
    order = create_order(client)
    item = client.get(order).json()["lines"][0]["item"]["id"]
    url = f"/api/v1/items/{item}/photo" if path == "photo" else f"{order}/events"
    assert client.get(url, headers=bob.headers).status_code == 404


def test_chat_is_for_those_who_may_read_the_order(
    client: TestClient, bob: Account
) -> None:
    chat = f"{create_order(client)}/chat"
    for headers, status in ((bob.headers, 404), ({"Authorization": ""}, 401)):
        with (
            pytest.raises(WebSocketDenialResponse) as refusal,
            client.websocket_connect(chat, headers=headers),
        ):
            pass
        assert refusal.value.status_code == status


def test_upload_of_a_stranger_is_not_read(anonymous: TestClient) -> None:
    url = "/api/v1/items/00000000-0000-0000-0000-000000000000/photo"
    length = {"Content-Length": str(100 * 1024**2)}
    response = anonymous.put(url, content=b"", headers=length)
    assert response.status_code == 401
