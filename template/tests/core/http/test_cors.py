"""CORS: web pages of other origins that may call the service."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from app.settings import Settings, load_settings
from tests.support.clients import Start
from tests.support.sample_app import create_app
from tests.support.settings import NO_DATABASE, changed

OURS = "https://www.example.com"
OTHERS = "https://example.net"
PREFLIGHT = {
    "Access-Control-Request-Method": "PATCH",
    "Access-Control-Request-Headers": "authorization,content-type,if-match",
}


def app_with(settings: Settings, **cors: object) -> FastAPI:
    """An application with other settings, without a database, and broken."""
    settings = settings.model_copy(update={"database": NO_DATABASE})
    app = create_app(changed(settings, "api", **cors))

    @app.get("/broken")
    async def fail() -> None:
        raise RuntimeError

    return app


@pytest.fixture(scope="module")
def cors(settings: Settings) -> Iterator[TestClient]:
    """A client of an application that trusts one origin."""
    app = app_with(settings, cors_origins=(OURS, "http://localhost:3000"))
    with TestClient(app) as client:
        yield client


def ask(client: TestClient, origin: str, **headers: str) -> Response:
    """Send a preflight request."""
    headers = {**PREFLIGHT, **headers, "Origin": origin}
    return client.options("/api/v1/widgets/1", headers=headers)


def cors_headers(response: Response) -> dict[str, str]:
    return {
        name.removeprefix("access-control-"): value
        for name, value in response.headers.items()
        if name.startswith("access-control-")
    }


def test_no_origin_is_allowed_by_default(running: TestClient) -> None:
    assert cors_headers(ask(running, OURS)) == {}
    response = running.get("/health/live", headers={"Origin": OURS})
    assert cors_headers(response) == {}


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/health/live", 200),
        ("/nowhere", 404),
        ("/broken", 500),
        ("/health/ready", 503),
    ],
)
def test_trusted_origin_can_read_every_response(
    cors: TestClient, url: str, status: int
) -> None:
    response = cors.get(url, headers={"Origin": OURS})
    assert response.status_code == status
    assert response.headers["vary"] == "Origin"
    headers = cors_headers(response)
    assert headers.pop("allow-origin") == OURS
    assert set(headers.pop("expose-headers").split(", ")) >= {
        "ETag",
        "Location",
        "RateLimit",
        "RateLimit-Policy",
        "Retry-After",
        "X-Request-ID",
    }
    assert headers == {}


def test_other_origins_cannot_read_responses(cors: TestClient) -> None:
    for origin in (OTHERS, "null", f"{OURS}.example.net", "http://www.example.com"):
        response = cors.get("/health/live", headers={"Origin": origin})
        assert "allow-origin" not in cors_headers(response)
        assert response.headers["vary"] == "Origin"


def test_a_trusted_origin_may_use_any_method_and_header(cors: TestClient) -> None:
    response = ask(cors, OURS)
    assert response.status_code == 200
    headers = cors_headers(response)
    assert headers["allow-origin"] == OURS
    assert headers["allow-headers"] == PREFLIGHT["Access-Control-Request-Headers"]
    assert {"DELETE", "PATCH", "POST"} <= set(headers["allow-methods"].split(", "))
    assert "allow-credentials" not in headers
    assert response.headers["x-content-type-options"] == "nosniff"


def test_refused_preflight_is_a_problem(cors: TestClient) -> None:
    response = ask(cors, OTHERS, **{"X-Request-ID": "abc-1"})
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["vary"].startswith("Origin, ")
    assert response.json()["detail"] == "Disallowed CORS origin."
    assert response.json()["request_id"] == "abc-1"
    assert cors_headers(response) == {}


def test_wildcard_allows_all_origins_without_credentials(
    settings: Settings, start_app: Start
) -> None:
    client = start_app(app_with(settings, cors_origins=("*",)))
    for response in (ask(client, OTHERS), client.get("/", headers={"Origin": OTHERS})):
        assert cors_headers(response)["allow-origin"] == "*"
        assert "allow-credentials" not in cors_headers(response)


def test_credentials_are_allowed_for_listed_origins(
    settings: Settings, start_app: Start
) -> None:
    app = app_with(settings, cors_origins=(OURS,), cors_credentials=True)
    client = start_app(app)
    for response in (ask(client, OURS), client.get("/", headers={"Origin": OURS})):
        assert cors_headers(response)["allow-origin"] == OURS
        assert cors_headers(response)["allow-credentials"] == "true"
    others = client.get("/", headers={"Origin": OTHERS})
    assert "allow-origin" not in cors_headers(others)


@pytest.mark.parametrize("environment", ["development", "production"])
def test_credentials_with_wildcard_are_refused(
    monkeypatch: pytest.MonkeyPatch, environment: str
) -> None:
    monkeypatch.setenv("APP_ENVIRONMENT", environment)
    monkeypatch.setenv("API_CORS_ORIGINS", f"{OURS},*")
    monkeypatch.setenv("API_CORS_CREDENTIALS", "true")
    with pytest.raises(SystemExit, match="API_CORS_CREDENTIALS: is not possible"):
        load_settings()


def test_origins_setting_is_normalized(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_CORS_ORIGINS", "https://A.example, capacitor://localhost,")
    expected = ("https://a.example", "capacitor://localhost")
    assert load_settings().api.cors_origins == expected


@pytest.mark.parametrize(
    "origin",
    ["www.example.com", f"{OURS}/", f"{OURS}/shop", "https://*.example.com", "null"],
)
def test_invalid_origins_are_refused(
    monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    """Such an origin would never match, so the service does not start."""
    monkeypatch.setenv("API_CORS_ORIGINS", f"{OURS}, {origin}")
    with pytest.raises(SystemExit, match="API_CORS_ORIGINS: is not a list such as"):
        load_settings()
