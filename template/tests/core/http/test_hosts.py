"""Allowed hosts."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from starlette.types import Receive, Scope, Send

from app.settings import Settings, load_settings
from tests.support.clients import Start, around
from tests.support.sample_app import create_app
from tests.support.settings import changed

OURS = ("api.example.com", "*.example.net", "[::1]")
ABSURD = [
    b"",
    b" ",
    b"api.example.com/",
    b"api.example.com@example.org",
    b"api.example.com:port",
    b"api.example.com:8000:8000",
    b"api.example.com, example.org",
    b"[::1",
    b"\xff",
    b"a" * 10_000,
]


def addressed_to(started: TestClient, hosts: list[bytes]) -> TestClient:
    """A client that sends these Host headers, which other clients cannot."""

    async def replace_host(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [header for header in scope["headers"] if header[0] != b"host"]
        headers += [(b"host", host) for host in hosts]
        await started.app({**scope, "headers": headers}, receive, send)

    return around(started, replace_host)


@pytest.fixture(scope="module")
def strict(settings: Settings) -> Iterator[TestClient]:
    """A client of an application that allows some hosts only."""
    app = create_app(changed(settings, "api", allowed_hosts=OURS))
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize(
    "host",
    [
        b"api.example.com",
        b"API.example.com:8000",
        b"shop.example.net",
        b"a.b.example.net:443",
        b"[::1]:8000",
    ],
)
def test_allowed_hosts_are_served(strict: TestClient, host: bytes) -> None:
    assert addressed_to(strict, [host]).get("/docs").status_code == 200


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [b"api.example.com", b"api.example.com"],
        [b"example.com"],
        [b"example.net"],
        [b"notexample.net"],
        [b"api.example.com.example.org"],
        [b"127.0.0.1"],
        *([host] for host in ABSURD),
    ],
)
def test_other_hosts_are_400(strict: TestClient, hosts: list[bytes]) -> None:
    response = addressed_to(strict, hosts).get("/docs")
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.json()["detail"] == "The service does not serve this host."


def test_probes_and_metrics_accept_every_host(strict: TestClient) -> None:
    client = addressed_to(strict, [b"10.0.0.7:8000"])
    for url in ("/health/live", "/health/ready", "/metrics"):
        assert client.get(url).status_code == 200
    for url in ("/health/live/x", "/health", "/docs"):
        assert client.get(url).status_code == 400
    behind_prefix = around(strict, strict.app, "/shop")
    assert behind_prefix.get("/shop/health/live").status_code == 200
    assert behind_prefix.get("/shop/docs").status_code == 400


@pytest.mark.parametrize("hosts", [[], [b"a", b"b"], *([host] for host in ABSURD)])
def test_every_host_is_served_by_default(
    running: TestClient, hosts: list[bytes]
) -> None:
    client = addressed_to(running, hosts)
    for url, status in (
        ("/health/live", 200),
        ("/docs", 200),
        ("/openapi.json", 200),
        ("/nowhere", 404),
        ("/health/live/", 404),
    ):
        assert client.get(url, follow_redirects=False).status_code == status


def test_wildcard_allows_every_host(settings: Settings, start_app: Start) -> None:
    app = create_app(changed(settings, "api", allowed_hosts=("*",)))
    client = addressed_to(start_app(app), [b"example.org"])
    assert client.get("/docs").status_code == 200


def test_hosts_setting_is_normalized(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_ALLOWED_HOSTS", "API.example.com, *.example.net,")
    expected = ("api.example.com", "*.example.net")
    assert load_settings().api.allowed_hosts == expected


@pytest.mark.parametrize(
    "host",
    ["https://example.com", "example.com:8000", "a.*.example.com", "*example.com"],
)
def test_invalid_hosts_are_refused(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("API_ALLOWED_HOSTS", host)
    with pytest.raises(SystemExit, match="API_ALLOWED_HOSTS: is not a list such as"):
        load_settings()
