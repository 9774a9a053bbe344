"""Clients identify themselves before the body of their request is read."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket
from fastapi.testclient import TestClient

from app.core.http import APIRouter, RawBodyDep, include_router
from app.core.security import (
    CurrentUserDep,
    OptionalPrincipalDep,
    PrincipalDep,
    require,
)
from app.permissions import Permission
from app.settings import Settings
from scripts import routes
from scripts.check_production import costly_endpoints
from tests.support.accounts import Account
from tests.support.clients import without_body
from tests.support.sample_app import create_app

NAMES = ["any", "raw", "user", "optional", "included"]

router = APIRouter()
included = APIRouter()


@router.post("/own/any")
async def call_as_any(body: list[str], principal: PrincipalDep) -> str:
    """Take a body from users and their API keys."""
    return str(principal.user_id)


@router.post("/own/raw")
async def call_with_raw_body(body: RawBodyDep, principal: PrincipalDep) -> str:
    """Read the body in a dependency that comes first."""
    return str(principal.user_id)


@router.post("/own/user")
async def call_as_user(
    body: list[str], principal: PrincipalDep, user: CurrentUserDep
) -> str:
    """Take a body from users only."""
    return str(principal.user_id)


@router.post("/own/optional", deadline=120)
async def call_as_anyone(body: list[str], principal: OptionalPrincipalDep) -> str:
    """Take a body from anyone."""
    return str(principal and principal.user_id)


@included.post("/included")
async def call_included(body: list[str]) -> str:
    """Require what the router does that includes this one."""
    return body[0]


@router.websocket("/own/socket")
async def open_socket(socket: WebSocket, principal: PrincipalDep) -> None:
    """Open a WebSocket."""


router.include_router(
    included, prefix="/own", dependencies=[require(Permission.USERS_READ_ALL)]
)


@pytest.fixture(scope="module")
def app(settings: Settings) -> FastAPI:
    """An application with these endpoints."""
    app = create_app(settings)
    include_router(app, router, "")
    return app


@pytest.fixture(scope="module")
def running(app: FastAPI) -> Iterator[TestClient]:
    """The application, started."""
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize("name", NAMES)
def test_body_is_not_read_before_the_client_is_known(
    anonymous: TestClient, admin: Account, name: str
) -> None:
    path, wrong = f"/own/{name}", {"Authorization": "Bearer wrong"}
    assert without_body(anonymous).post(path, headers=wrong).status_code == 401
    if name != "optional":
        assert without_body(anonymous).post(path).status_code == 401
    known = anonymous.post(path, json=[str(admin.id)], headers=admin.headers)
    assert known.json() == str(admin.id)


def test_login_may_be_optional(anonymous: TestClient, admin: Account) -> None:
    responses = [
        anonymous.post("/own/optional", json=[], headers=headers)
        for headers in ({}, admin.headers)
    ]
    assert [response.json() for response in responses] == ["None", str(admin.id)]


def test_openapi_shows_access_tokens_and_scopes(app: FastAPI) -> None:
    assert [scheme(app, name, "AccessToken") for name in NAMES] == [
        [],
        [],
        [],
        [],
        [Permission.USERS_READ_ALL],
    ]
    assert [{} in security(app, name) for name in NAMES] == [
        name == "optional" for name in NAMES
    ]


def test_api_keys_are_shown_where_all_dependencies_accept_them(
    anonymous: TestClient, app: FastAPI, admin: Account
) -> None:
    body = {"name": "Robot", "scopes": [Permission.USERS_READ_ALL]}
    created = anonymous.post("/api/v1/api-keys", json=body, headers=admin.headers)
    robot = {"X-API-Key": created.json()["key"]}
    for name in NAMES:
        response = anonymous.post(f"/own/{name}", json=["x"], headers=robot)
        is_shown = scheme(app, name, "ApiKey") is not None
        assert (response.status_code, is_shown) in {(200, True), (403, False)}


def security(app: FastAPI, name: str) -> list[dict[str, list[str]]]:
    """Return the security requirements of an endpoint."""
    shown: dict[str, Any] = app.openapi()["paths"][f"/own/{name}"]["post"]
    requirements: list[dict[str, list[str]]] = shown["security"]
    return requirements


def scheme(app: FastAPI, name: str, scheme: str) -> list[str] | None:
    """Return the scopes of a security scheme; None if an endpoint does not show it."""
    found = (one[scheme] for one in security(app, name) if scheme in one)
    return next(found, None)


def test_routes_show_who_may_call(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "ROUTERS", {"": [router]})
    assert {endpoint.path: endpoint.who for endpoint in routes.endpoints()} == {
        "/own/any": "login",
        "/own/raw": "login",
        "/own/user": "login",
        "/own/optional": "optional login",
        "/own/included": "users:read-all",
        "/own/socket": "login",
    }
    (told,) = costly_endpoints(settings.limits)
    assert "/own/optional" in told
