"""Whose items are whose."""

import pytest
from fastapi.testclient import TestClient

from app.permissions import ROLES, Permission, Role
from tests.support.accounts import Account

ITEMS = "/api/v1/items"
LAMP = {"sku": "lamp-1", "name": "Lamp"}


def test_administrators_see_the_items_of_all(
    client: TestClient, alice: Account, admin: Account, bob: Account
) -> None:
    url = client.post(ITEMS, json=LAMP).headers["location"]
    assert client.get(url, headers=bob.headers).status_code == 404
    assert client.get(url, headers=admin.headers).status_code == 200
    assert client.get(ITEMS, headers=bob.headers).json()["items"] == []
    [seen] = client.get(ITEMS, headers=admin.headers).json()["items"]
    assert seen["owner_id"] == str(alice.id)
    renamed = client.patch(url, json={"name": "Torch"}, headers=admin.headers)
    assert renamed.json()["owner_id"] == str(alice.id)


def test_two_users_may_use_the_same_sku(client: TestClient, bob: Account) -> None:
    assert client.post(ITEMS, json=LAMP).status_code == 201
    others = client.post(ITEMS, json=LAMP, headers=bob.headers)
    assert others.status_code == 201


def test_items_go_with_the_account(client: TestClient, admin: Account) -> None:
    url = client.post(ITEMS, json=LAMP).headers["location"]
    assert client.delete("/api/v1/users/me").status_code == 204
    assert client.get(url, headers=admin.headers).status_code == 404


def test_a_machine_acts_for_its_user(client: TestClient, alice: Account) -> None:
    scopes = ["items:read", "items:write"]
    body = {"name": "Robot", "scopes": scopes}
    key = client.post("/api/v1/api-keys", json=body).json()["key"]
    headers = {"X-API-Key": key, "Authorization": ""}
    created = client.post(ITEMS, json=LAMP, headers=headers)
    assert created.json()["owner_id"] == str(alice.id)
    assert client.get(created.headers["location"]).json() == created.json()


def test_a_replay_needs_the_same_permission(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Idempotency-Key": "a"}
    assert client.post(ITEMS, json=LAMP, headers=headers).status_code == 201
    monkeypatch.setitem(ROLES, Role.USER, frozenset({Permission.ITEMS_READ}))
    assert client.post(ITEMS, json=LAMP, headers=headers).status_code == 403
