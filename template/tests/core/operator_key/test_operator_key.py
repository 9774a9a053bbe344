"""Access to ``/metrics`` and ``/health`` for operators."""

from collections.abc import Callable
from typing import TypeAlias

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from app.settings import Settings
from tests.support.settings import changed

KEY = "b7e23ec29af22b0b4e41da31e868d572"
PATHS = ("/health", "/metrics")
Run: TypeAlias = Callable[[str, str], TestClient]


@pytest.fixture
def run(
    running: TestClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Lets the application run somewhere, with a key or without one."""

    def run(environment: str, key: str) -> TestClient:
        there = changed(settings, "app", environment=environment)
        there = changed(there, "ops", key=SecretStr(key))
        monkeypatch.setitem(running.app_state, "settings", there)
        return running

    return run


@pytest.mark.parametrize("path", PATHS)
def test_paths_without_a_key_are_open_in_development(run: Run, path: str) -> None:
    assert run("development", "").get(path).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_paths_without_a_key_are_404_in_production(run: Run, path: str) -> None:
    client = run("production", "")
    hidden, missing = client.get(path), client.get("/no-such-page")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    ids = {"request_id": ""}
    assert hidden.json() | ids == missing.json() | ids
    headers = {"Authorization": "Bearer "}
    assert client.get(path, headers=headers).status_code == 404


@pytest.mark.parametrize("environment", ["development", "production"])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "given",
    [
        "",
        "Bearer",
        f"Bearer {KEY[:-1]}",
        f"Bearer {KEY}0",
        f"Bearer {KEY.upper()}",
        f"Basic {KEY}",
        "Bearer \xff",
    ],
)
def test_wrong_key_is_401(run: Run, environment: str, path: str, given: str) -> None:
    headers = {b"Authorization": given.encode("latin-1")}
    response = run(environment, KEY).get(path, headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("environment", ["development", "production"])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_right_key_is_200(run: Run, environment: str, path: str, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {KEY}"}
    assert run(environment, KEY).get(path, headers=headers).status_code == 200


def test_probes_need_no_key(run: Run) -> None:
    client = run("production", KEY)
    for path in ("/health/live", "/health/ready"):
        assert client.get(path).status_code == 200


def test_paths_are_not_in_the_openapi_document(app: FastAPI) -> None:
    assert not app.openapi()["paths"].keys() & set(PATHS)
