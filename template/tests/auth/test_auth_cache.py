"""Sessions, checked through the cache: cheaper, never different."""

import json
from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from redis import Redis

from app.core.security import PrincipalDep
from app.settings import Settings
from tests.support.accounts import PASSWORD, Account
from tests.support.faulty_redis import faulty_redis
from tests.support.log_file import LogFile
from tests.support.sample_app import create_app
from tests.support.settings import NO_DATABASE, changed

USERS = "/api/v1/users"
ME = f"{USERS}/me"


@pytest.fixture(scope="module")
def without_database(settings: Settings) -> Iterator[TestClient]:
    """A service that shares the cache but has no database."""
    app = create_app(settings.model_copy(update={"database": NO_DATABASE}))

    @app.get("/who")
    async def get_who(principal: PrincipalDep) -> str:
        return str(principal.user_id)

    with TestClient(app) as isolated:
        yield isolated


@pytest.fixture
def cache_only(without_database: TestClient, client: TestClient) -> TestClient:
    """The same, used by Alice."""
    without_database.headers.update(client.headers)
    return without_database


def test_a_second_check_needs_no_database(
    client: TestClient, cache_only: TestClient, alice: Account
) -> None:
    assert cache_only.get("/who").status_code == 503
    assert client.get(ME).status_code == 200
    assert cache_only.get("/who").json() == str(alice.id)


def end_by_log_out(client: TestClient, alice: Account, admin: Account) -> None:
    client.post("/api/v1/auth/logout")


def end_everywhere(client: TestClient, alice: Account, admin: Account) -> None:
    client.post("/api/v1/auth/logout-all")


def end_by_id(client: TestClient, alice: Account, admin: Account) -> None:
    client.delete(f"/api/v1/auth/sessions/{alice.session_id}")


def end_by_password(client: TestClient, alice: Account, admin: Account) -> None:
    body = {"current_password": PASSWORD, "new_password": "another long password"}
    client.post(f"{ME}/password", json=body)


def end_by_deletion(client: TestClient, alice: Account, admin: Account) -> None:
    client.delete(ME)


def end_by_administrator(client: TestClient, alice: Account, admin: Account) -> None:
    body = {"is_active": False}
    client.patch(f"/api/v1/users/{alice.id}", json=body, headers=admin.headers)


@pytest.mark.parametrize(
    "end",
    [
        end_by_log_out,
        end_everywhere,
        end_by_id,
        end_by_password,
        end_by_deletion,
        end_by_administrator,
    ],
)
def test_a_session_that_ends_is_forgotten(
    client: TestClient,
    cache_only: TestClient,
    alice: Account,
    admin: Account,
    end: Callable[[TestClient, Account, Account], None],
) -> None:
    assert client.get(ME).status_code == 200
    assert cache_only.get("/who").status_code == 200
    end(client, alice, admin)
    assert client.get(ME).status_code == 401
    assert cache_only.get("/who").status_code == 503  # it has to ask the database


def test_a_new_session_is_known_though_others_are_cached(
    client: TestClient, alice: Account
) -> None:
    assert client.get(ME).status_code == 200
    form = {"username": alice.email, "password": PASSWORD}
    tokens = client.post("/api/v1/auth/token", data=form).json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert client.get(ME, headers=bearer).status_code == 200


def test_a_forged_copy_gives_no_rights(
    client: TestClient, alice: Account, admin: Account, settings: Settings
) -> None:
    """Neither made up, nor copied from an administrator."""
    names = [f"{settings.redis.key_prefix}:account:{one.id}" for one in (alice, admin)]
    assert client.get(USERS, headers=admin.headers).status_code == 200
    sessions = {str(alice.session_id): "2099-01-01T00:00:00Z"}
    made_up = json.dumps({"role": "admin", "sessions": sessions})
    with Redis.from_url(settings.redis.url.get_secret_value()) as redis:
        copied = redis.get(names[1])
        assert copied
        sealed_as = copied.split(b" ")[0].decode()
        for copy in (made_up, f"{sealed_as} 9999999999 {made_up}", copied):
            redis.set(names[0], copy)
            assert client.get(USERS).status_code == 403
            assert client.get(ME).json()["role"] == "user"


def test_an_outage_goes_unnoticed(settings: Settings, client: TestClient) -> None:
    url = SecretStr("redis://127.0.0.1:1/0")
    app = create_app(changed(settings, "redis", url=url, timeout=0.05))
    with TestClient(app, headers=dict(client.headers)) as isolated:
        assert isolated.get(ME).status_code == 200
        assert isolated.post("/api/v1/auth/logout").status_code == 204
        assert isolated.get(ME).status_code == 401


@pytest.mark.parametrize("error", ["LOADING It is being loaded", "MOVED 1 127.0.0.1:1"])
def test_sessions_and_attempts_survive_an_error_response(
    settings: Settings, client: TestClient, alice: Account, log: LogFile, error: str
) -> None:
    with faulty_redis(error) as url:
        app = create_app(changed(settings, "redis", url=SecretStr(url)))
        with TestClient(app, headers=dict(client.headers)) as isolated:
            form = {"username": alice.email, "password": PASSWORD}
            assert isolated.post("/api/v1/auth/token", data=form).status_code == 200
            assert isolated.get(ME).status_code == 200
            assert isolated.post("/api/v1/auth/logout").status_code == 204
            assert isolated.get(ME).status_code == 401
    lines = log.lines("app.core.redis.outage")
    messages = {line["message"].split(": ")[0] for line in lines}
    assert messages == {"Requests are not counted together", "The cache fails"}
    assert all(error.partition(" ")[2] in line["message"] for line in lines)
