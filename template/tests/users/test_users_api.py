"""Accounts and their administration over HTTP."""

from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from app.settings import Settings
from tests.support.accounts import PASSWORD, Account, log_in, with_auth
from tests.support.sample_app import create_app

USERS = "/api/v1/users"
ME = f"{USERS}/me"
NEW_PASSWORD = "a different long password"  # noqa: S105


def sign_up(client: TestClient, **fields: Any) -> Response:  # noqa: ANN401
    body = {"email": "carol@example.com", "password": PASSWORD, **fields}
    return client.post(USERS, json=body)


def test_own_account(client: TestClient, alice: Account) -> None:
    account = client.get(ME).json()
    assert account["id"] == str(alice.id)
    assert account["email"] == "alice@example.com"
    assert (account["role"], account["is_active"]) == ("user", True)
    assert "password_hash" not in account


def test_change_of_the_own_account(client: TestClient) -> None:
    account = client.get(ME).json()
    changed = client.patch(ME, json={"name": "Alice"})
    assert changed.status_code == 200
    assert changed.json()["name"] == "Alice"
    assert client.patch(ME, json={}).json()["name"] == "Alice"
    cleared = client.patch(ME, json={"name": None}).json()
    assert cleared == {**account, "updated_at": cleared["updated_at"]}


@pytest.mark.parametrize("name", ["", "a" * 201, "NUL \x00", 1])
def test_bad_names_are_refused(client: TestClient, name: object) -> None:
    assert client.patch(ME, json={"name": name}).status_code == 422


@pytest.mark.parametrize("domain", ["corp.local", "ops.test", "b.invalid", "home.arpa"])
def test_sign_up_with_domains_of_internal_networks(
    anonymous: TestClient, domain: str
) -> None:
    assert sign_up(anonymous, email=f"carol@{domain}").status_code == 202


def test_sign_up_can_be_closed(settings: Settings, tables: None) -> None:
    app = create_app(with_auth(settings, sign_up=False))
    with TestClient(app) as client:
        response = sign_up(client)
    assert response.status_code == 403
    assert response.json()["type"] == "urn:problem:sign-up-closed"


@pytest.mark.parametrize(
    "email", ["", "carol", "carol@", "@example.com", "a" * 250 + "@a.example", "a@b\n"]
)
def test_bad_addresses_are_refused(anonymous: TestClient, email: str) -> None:
    assert sign_up(anonymous, email=email).status_code == 422
    assert log_in(anonymous, email).status_code == 422


@pytest.mark.parametrize("length", [11, 129])
def test_passwords_have_a_length(anonymous: TestClient, length: int) -> None:
    response = sign_up(anonymous, password="é" * length)
    assert response.status_code == 422
    assert response.json()["type"] == "urn:problem:weak-password"
    assert "12 to 128" in response.json()["detail"]


def test_one_address_in_many_spellings(anonymous: TestClient, alice: Account) -> None:
    for email in ("alice@example.com", "ALICE@EXAMPLE.COM", "Alice@Example.Com"):
        assert log_in(anonymous, email).status_code == 200


def test_deletion_takes_everything_along(
    client: TestClient, alice: Account, admin: Account
) -> None:
    assert client.delete(ME).status_code == 204
    assert client.get(ME).status_code == 401
    assert log_in(client, alice.email).status_code == 401


def test_change_of_the_password_ends_all_sessions(
    client: TestClient, alice: Account
) -> None:
    other = log_in(client, alice.email).json()
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert client.post(f"{ME}/password", json=body).status_code == 204
    bearer = {"Authorization": f"Bearer {other['access_token']}"}
    assert client.get(ME).status_code == 401
    assert client.get(ME, headers=bearer).status_code == 401
    refreshed = client.post(
        "/api/v1/auth/refresh", json={"refresh_token": other["refresh_token"]}
    )
    assert refreshed.status_code == 401
    assert log_in(client, alice.email).status_code == 401
    assert log_in(client, alice.email, NEW_PASSWORD).status_code == 200


def test_what_is_no_id_names_no_user(admin: Account, anonymous: TestClient) -> None:
    """Or the methods of one path would be those of another, too."""
    url = f"{USERS}/password-reset"
    response = anonymous.patch(url, json={}, headers=admin.headers)
    assert response.status_code == 405
    assert response.headers["Allow"] == "POST"
    assert anonymous.get(f"{USERS}/me2", headers=admin.headers).status_code == 404


def test_change_of_the_password_needs_the_old_one(client: TestClient) -> None:
    body = {"current_password": "not the password", "new_password": NEW_PASSWORD}
    response = client.post(f"{ME}/password", json=body)
    assert response.status_code == 422
    assert response.json()["type"] == "urn:problem:wrong-password"
    body = {"current_password": PASSWORD, "new_password": "too short"}
    response = client.post(f"{ME}/password", json=body)
    assert response.json()["type"] == "urn:problem:weak-password"
    assert client.get(ME).status_code == 200


# --- Administration -----------------------------------------------------------------
def test_administrators_see_users(
    anonymous: TestClient, admin: Account, alice: Account
) -> None:
    page = anonymous.get(USERS, headers=admin.headers).json()
    assert {user["email"] for user in page["items"]} == {admin.email, alice.email}
    assert page["total"] == 2
    user = anonymous.get(f"{USERS}/{alice.id}", headers=admin.headers).json()
    assert user["email"] == alice.email


def test_only_administrators_do(client: TestClient, bob: Account) -> None:
    url = f"{USERS}/{bob.id}"
    responses = [
        client.get(USERS),
        client.get(url),
        client.patch(url, json={"is_active": False}),
    ]
    for response in responses:
        assert response.status_code == 403
        assert response.json()["type"] == "urn:problem:forbidden"


def test_unknown_users(anonymous: TestClient, admin: Account) -> None:
    url = f"{USERS}/{uuid4()}"
    for response in (
        anonymous.get(url, headers=admin.headers),
        anonymous.patch(url, json={"role": "admin"}, headers=admin.headers),
    ):
        assert response.status_code == 404
        assert response.json()["type"] == "urn:problem:user-not-found"


def test_who_is_deactivated_is_out_at_once(
    client: TestClient, alice: Account, admin: Account
) -> None:
    assert client.get(ME).status_code == 200
    url = f"{USERS}/{alice.id}"
    changed = client.patch(url, json={"is_active": False}, headers=admin.headers)
    assert changed.json()["is_active"] is False
    assert client.get(ME).status_code == 401
    assert log_in(client, alice.email).status_code == 401
    client.patch(url, json={"is_active": True}, headers=admin.headers)
    assert client.get(ME).status_code == 401  # the old session stays dead
    assert log_in(client, alice.email).status_code == 200


def test_a_role_changes_at_once(
    client: TestClient, alice: Account, admin: Account
) -> None:
    assert client.get(USERS).status_code == 403
    url = f"{USERS}/{alice.id}"
    client.patch(url, json={"role": "admin"}, headers=admin.headers)
    assert client.get(USERS).status_code == 200
    client.patch(url, json={"role": "user"}, headers=admin.headers)
    assert client.get(USERS).status_code == 403


def test_the_last_administrator_stays(anonymous: TestClient, admin: Account) -> None:
    url = f"{USERS}/{admin.id}"
    responses = [
        anonymous.patch(url, json={"role": "user"}, headers=admin.headers),
        anonymous.patch(url, json={"is_active": False}, headers=admin.headers),
        anonymous.delete(ME, headers=admin.headers),
    ]
    for response in responses:
        assert response.status_code == 409
        assert response.json()["type"] == "urn:problem:last-administrator"
    assert anonymous.get(ME, headers=admin.headers).json()["role"] == "admin"
