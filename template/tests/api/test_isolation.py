"""Users cannot reach resources of others; read from the OpenAPI document.

A new operation is attacked here without a new test. If it needs a body or an id, the
failure says which line is missing in which table.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.testclient import TestClient
from httpx2 import Response
from starlette.routing import WebSocketRoute
from starlette.testclient import WebSocketDenialResponse

from app.core.openapi import accepted_schemes
from app.factory import create_app
from app.permissions import ROLES, Permission, Role
from app.settings import Settings
from tests.support.accounts import PASSWORD, Account
from tests.support.clients import around, cut_off
from tests.support.pages import FOREIGN, open_page, with_cookies

API = "/api/v1"
# A parameter of a path.
PARAMETER = re.compile(r"\{\w+\}")
# How the client sends a body, unless it is JSON.
ENCODINGS = {
    "application/x-www-form-urlencoded": "data",
    "multipart/form-data": "files",
}

# Public operations. All others require a user.
PUBLIC = {
    "get_liveness",
    "get_readiness",
    "log_in",
    "refresh",
    "request_email_verification",
    "request_password_reset",
    "reset_password",
    "sign_up",
    "verify_email",
}

# For each operation with a body, the least that it accepts: bytes, JSON, or the fields
# of a form. Of multipart/form-data, a file is {"photo": b"…"} and a field
# {"title": (None, "…")}.
BODIES: Mapping[str, Any] = {
    "change_password": {"current_password": "wrong", "new_password": "x" * 20},
    "create_api_key": {"name": "Robot", "scopes": []},
    "create_item": {"sku": "torch-1", "name": "Torch"},
    "log_in": {"username": "admin@example.com", "password": PASSWORD},
    "refresh": {"refresh_token": "x"},
    "request_email_verification": {"email": "carol@example.com"},
    "request_password_reset": {"email": "carol@example.com"},
    "reset_password": {"token": "x", "password": PASSWORD},
    "sign_up": {"email": "carol@example.com", "password": PASSWORD},
    "update_item": {"name": "Torch"},
    "update_own_account": {"name": "Mallory"},
    "update_user": {"role": "admin"},
    "verify_email": {"token": "x", "password": PASSWORD},
}


# By the path before its id, what a user owns without a POST to the collection.
OWNED: Mapping[str, Callable[[Account], object]] = {
    f"{API}/auth/sessions/": lambda owner: owner.session_id,
    f"{API}/users/": lambda owner: owner.id,
}


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as OpenAPI describes it."""

    id: str
    method: str
    path: str
    fields: frozenset[str]  # of its body, if that is an object
    content_type: str | None
    scopes: frozenset[str]
    schemes: frozenset[str]  # by which one can say who asks
    is_public: bool

    @property
    def for_administrators(self) -> bool:
        """True if the operation concerns data of other users."""
        return any(scope.endswith("-all") for scope in self.scopes)

    def call(
        self,
        client: TestClient,
        headers: Mapping[str, str],
        ids: Mapping[str, str],
        **fields: str,
    ) -> Response:
        """Call it with the least that it accepts, and some more fields."""
        assert not self.content_type or self.id in BODIES, (
            f'Add the smallest body of "{self.id}" to BODIES in {__file__}.'
        )
        body: Any = BODIES.get(self.id)
        encoding = ENCODINGS.get(self.content_type or "", "json")
        more: dict[str, str] = {}
        if isinstance(body, bytes):
            encoding, more = "content", {"Content-Type": self.content_type or ""}
        return around(client, cut_off(client.app)).request(
            self.method,
            PARAMETER.sub(lambda found: ids[self.path[: found.start()]], self.path),
            headers={**headers, **more},
            **{encoding: {**body, **fields} if fields else body},  # type: ignore[arg-type]
        )


def read_operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            content_type = next(iter(content), None)
            fields: frozenset[str] = frozenset()
            if content_type:
                schema = content[content_type]["schema"]
                name = schema.get("$ref", "").rpartition("/")[2]
                # FastAPI passes the fields of "Body_…" one by one, and no others.
                if not name.startswith("Body_"):
                    fields = frozenset(schemas.get(name, {}).get("properties", ()))
            security = operation.get("security", [])
            ways = [way for choice in security for way in choice.items()]
            yield Operation(
                id=operation["operationId"],
                method=method.upper(),
                path=path,
                fields=fields,
                content_type=content_type,
                scopes=frozenset(scope for _, scopes in ways for scope in scopes),
                schemes=frozenset(scheme for scheme, _ in ways),
                is_public=not security or {} in security,
            )


@pytest.fixture(scope="module")
def operations(settings: Settings) -> list[Operation]:
    """All operations but those for operators, whose key is for no user."""
    found = read_operations(create_app(settings).openapi())
    return [one for one in found if "OperatorKey" not in one.schemes]


def own(
    client: TestClient, owner: Account, operations: list[Operation]
) -> dict[str, str]:
    """Create one of everything; return the ids, by the paths before them."""
    paths = [operation.path for operation in operations]
    starts = {path[: one.start()] for path in paths for one in PARAMETER.finditer(path)}
    create = {f"{one.path}/": one for one in operations if one.method == "POST"}
    ids: dict[str, str] = {}
    for start in sorted(starts):
        assert start in OWNED or start in create, f"Add {start} to OWNED in {__file__}."
        if start in OWNED:
            ids[start] = str(OWNED[start](owner))
        else:
            ids[start] = create[start].call(client, owner.headers, ids).json()["id"]
    return ids


def everything_of(
    client: TestClient, owner: Account, operations: list[Operation]
) -> dict[str, Any]:
    """Return the responses of all operations that need no id, as text."""
    responses = {
        operation.id: operation.call(client, owner.headers, {})
        for operation in operations
        if operation.method == "GET" and operation.schemes and "{" not in operation.path
    }
    return {
        id_: response.text for id_, response in responses.items() if response.is_success
    }


def state(
    client: TestClient, owner: Account, operations: list[Operation]
) -> dict[str, Any]:
    """Return the responses that are the same each time, unless data changes."""
    first = everything_of(client, owner, operations)
    second = everything_of(client, owner, operations)
    return {id_: text for id_, text in first.items() if second.get(id_) == text}


# --- Whose is it? -------------------------------------------------------------------
def test_resources_of_others_are_404_and_anonymous_clients_401(
    anonymous: TestClient,
    alice: Account,
    bob: Account,
    operations: list[Operation],
    subtests: pytest.Subtests,
) -> None:
    """404 instead of 403 hides whether a resource exists."""
    ids = own(anonymous, alice, operations)
    before = state(anonymous, alice, operations)
    for operation in operations:
        if "_id}" in operation.path and not operation.is_public:
            with subtests.test(operation.id):
                status = 403 if operation.for_administrators else 404
                response = operation.call(anonymous, bob.headers, ids)
                assert response.status_code == status, (
                    f'"{operation.id}" of another user. Filter by owner, and raise'
                    " NotFoundError before any other check."
                )
                assert operation.call(anonymous, {}, ids).status_code == 401
    after = everything_of(anonymous, alice, operations)
    assert {id_: after.get(id_) for id_ in before} == before


def test_lists_contain_only_own_resources(
    anonymous: TestClient, alice: Account, bob: Account, operations: list[Operation]
) -> None:
    ids = own(anonymous, alice, operations)
    shown = str(everything_of(anonymous, bob, operations))
    leaked = [name for name, id_ in ids.items() if id_ in shown]
    assert leaked == [], "Another user sees what is below these paths: filter by owner."
    assert alice.email not in shown
    everything = str(everything_of(anonymous, alice, operations))
    lists = {f"{one.path}/" for one in operations if one.method == "GET"}
    missing = [name for name in ids.keys() & lists if ids[name] not in everything]
    assert missing == [], "The owner does not see what is below these paths."


# --- Who is it? ---------------------------------------------------------------------
def test_operations_require_authentication_unless_public(
    anonymous: TestClient, operations: list[Operation], subtests: pytest.Subtests
) -> None:
    """A new operation without protection fails here."""
    ids = defaultdict[str, str](lambda: str(uuid4()))
    for operation in operations:
        with subtests.test(operation.id):
            is_public = operation.id in PUBLIC
            assert is_public == operation.is_public, (
                f'"{operation.id}" needs no login, or does although it is in PUBLIC.'
                " Demand a permission or a person:"
                " dependencies=[require(Permission.…)], or a CurrentUserDep. If it is"
                f" for strangers as well, add it to PUBLIC in {__file__}."
            )
            if not is_public:
                response = operation.call(anonymous, {}, ids)
                assert response.status_code == 401
                assert response.headers["www-authenticate"] == "Bearer"


def test_routes_beside_openapi_require_authentication_unless_public(
    anonymous: TestClient, subtests: pytest.Subtests
) -> None:
    """WebSockets, one of which only the tests have, and undocumented endpoints."""
    app: Any = anonymous.app
    sockets = 0
    routes = list(iter_route_contexts(app.routes))
    for route in routes:
        original = route.original_route
        path = PARAMETER.sub("1", route.path_format or "")
        if isinstance(original, WebSocketRoute):
            sockets += 1
            status = handshake_status(anonymous, path)
        elif isinstance(original, APIRoute) and not route.include_in_schema:
            client = around(anonymous, cut_off(app))
            status = client.request(next(iter(route.methods or ())), path).status_code
        else:
            continue
        names = {one.scheme_name for one in accepted_schemes(route.dependant) if one}
        with subtests.test(path):
            is_public = "OperatorKey" in names or route.name in PUBLIC
            assert is_public == (status != 401), (
                f"{status}: demand a permission or a person, as for an operation."
            )
    assert sockets
    gone = PUBLIC - {str(route.name) for route in routes}
    assert gone == set(), f"Remove from PUBLIC in {__file__} what is gone."


def handshake_status(client: TestClient, path: str) -> int:
    try:
        with client.websocket_connect(path, headers={}):
            return 101
    except WebSocketDenialResponse as refused:
        return refused.status_code


# --- Web pages ----------------------------------------------------------------------
@pytest.fixture
def page(settings: Settings, tables: None) -> Iterator[TestClient]:
    """A client of an application that accepts cookies."""
    with TestClient(create_app(with_cookies(settings))) as client:
        yield client


def test_pages_of_other_origins_cannot_write(
    page: TestClient,
    alice: Account,
    operations: list[Operation],
    subtests: pytest.Subtests,
) -> None:
    """Nor does any GET, which browsers also send for links on other pages."""
    ids = own(page, alice, operations)
    cookie = {"Cookie": open_page(page, alice)["Cookie"]}
    before = state(page, alice, operations)
    closed = [operation for operation in operations if not operation.is_public]
    for operation in closed:
        with subtests.test(operation.id):
            for origin in FOREIGN:
                response = operation.call(page, {**cookie, **origin}, ids)
                if operation.method == "GET":
                    assert response.status_code not in {400, 401}
                else:
                    assert response.status_code == 403
                    kind = "urn:problem:cross-site-request"
                    assert response.json()["type"] == kind
    after = everything_of(page, alice, operations)
    assert {id_: after.get(id_) for id_ in before} == before


# --- API keys -----------------------------------------------------------------------
# Operations with a PrincipalDep alone: API keys need none of their permissions there.
FOR_ANY_KEY: frozenset[str] = frozenset()


def test_resources_of_others_are_404_for_api_keys(
    anonymous: TestClient,
    alice: Account,
    bob: Account,
    operations: list[Operation],
    subtests: pytest.Subtests,
) -> None:
    ids = own(anonymous, alice, operations)
    before = state(anonymous, alice, operations)
    key = {"name": "Robot", "scopes": sorted(ROLES[Role.USER])}
    created = anonymous.post(f"{API}/api-keys", json=key, headers=bob.headers)
    robot = {"X-API-Key": created.json()["key"]}
    for operation in operations:
        if "_id}" in operation.path and not operation.is_public:
            with subtests.test(operation.id):
                is_hidden = not operation.for_administrators
                for_keys = is_hidden and "ApiKey" in operation.schemes
                response = operation.call(anonymous, robot, ids)
                assert response.status_code == (404 if for_keys else 403)
    after = everything_of(anonymous, alice, operations)
    assert {id_: after.get(id_) for id_ in before} == before


def test_api_key_is_limited_to_its_scopes(
    anonymous: TestClient,
    admin: Account,
    operations: list[Operation],
    subtests: pytest.Subtests,
) -> None:
    """Even if the owner is an administrator; accounts are closed to API keys."""

    def call(operation: Operation, scopes: frozenset[str]) -> Response:
        body, url = {"name": "Robot", "scopes": sorted(scopes)}, f"{API}/api-keys"
        robot = anonymous.post(url, json=body, headers=admin.headers).json()
        response = operation.call(anonymous, {"X-API-Key": robot["key"]}, ids)
        # The number of keys is limited, the number of scopes is not.
        anonymous.delete(f"{url}/{robot['id']}", headers=admin.headers)
        return response

    every = frozenset(Permission)
    ids = own(anonymous, admin, operations)
    # Deletions come last: deleted resources cannot be read.
    closed = [operation for operation in operations if not operation.is_public]
    for operation in sorted(closed, key=lambda one: one.method == "DELETE"):
        with subtests.test(operation.id):
            if "ApiKey" in operation.schemes:
                assert operation.scopes or operation.id in FOR_ANY_KEY, (
                    f'API keys with any scopes may call "{operation.id}".'
                    " Demand a permission or a person, or add it to FOR_ANY_KEY."
                )
                if operation.scopes:
                    assert call(operation, every - operation.scopes).status_code == 403
                # Other statuses depend on the state of the resource.
                status = call(operation, operation.scopes).status_code
                assert status not in {401, 403}
            else:
                assert call(operation, every).status_code == 403


def test_api_key_loses_the_permissions_its_owner_loses(
    anonymous: TestClient, admin: Account, alice: Account
) -> None:
    url = f"{API}/users/{alice.id}"
    anonymous.patch(url, json={"role": "admin"}, headers=admin.headers)
    body = {"name": "Robot", "scopes": list(Permission)}
    created = anonymous.post(f"{API}/api-keys", json=body, headers=alice.headers)
    robot = {"X-API-Key": created.json()["key"]}
    changes: list[tuple[dict[str, object], int]] = [
        ({}, 200),
        ({"role": "user"}, 403),
        ({"is_active": False}, 401),
    ]
    for change, status in changes:
        anonymous.patch(url, json=change, headers=admin.headers)
        assert anonymous.get(f"{API}/users", headers=robot).status_code == status


# --- What may be set? ---------------------------------------------------------------
# Columns that are set by rules, never by a request that happens to name them.
FORBIDDEN = {
    "created_at",
    "email_verified_at",
    "epoch",
    "expires_at",
    "id",
    "is_active",
    "key",
    "key_hash",
    "owner_id",
    "password_hash",
    "permissions",
    "role",
    "scopes",
    "session_epoch",
    "user_id",
}


def test_fields_set_by_rules_are_rejected_in_bodies(
    anonymous: TestClient,
    admin: Account,
    operations: list[Operation],
    subtests: pytest.Subtests,
) -> None:
    """Also for administrators: the response names each rejected field."""
    ids = own(anonymous, admin, operations)
    before = state(anonymous, admin, operations)
    for operation in operations:
        if operation.fields:
            with subtests.test(operation.id):
                more = dict.fromkeys(FORBIDDEN - operation.fields, "admin")
                response = operation.call(anonymous, admin.headers, ids, **more)
                assert response.status_code == 422
                # If there were others, the body in the table would be wrong.
                errors = {error["pointer"] for error in response.json()["errors"]}
                assert errors == {f"/{field}" for field in more}
    after = everything_of(anonymous, admin, operations)
    assert {id_: after.get(id_) for id_ in before} == before


def test_every_operation_with_a_body_has_an_example(
    operations: list[Operation],
) -> None:
    known = {operation.id for operation in operations if operation.content_type}
    assert known - BODIES.keys() == set(), f"Add the smallest bodies to {__file__}."
    assert BODIES.keys() - known == set(), f"Remove what is gone from {__file__}."
