"""The IP address of a client behind proxies."""

import pytest
from fastapi.testclient import TestClient

from app.settings import Settings
from tests.support.clients import PROXY, Start
from tests.support.log_file import LogFile
from tests.support.settings import changed

WARNING = (
    "The proxy 10.1.2.3 sends {} but no X-Forwarded-For, so its own IP address counts"
    " for all its clients. Configure it to send X-Forwarded-For"
)
FORWARDED = {"Forwarded": 'for="[2001:db8::7]:4711";proto=https'}


def client_of(client: TestClient, log: LogFile, **headers: str) -> str:
    """Return the IP address that a request counts for."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    client.get("/nowhere", headers=names)
    return str(log.lines("app.core.logging.access_log")[-1]["client"])


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:4711", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("192.0.2.7, 10.9.9.9", "192.0.2.7"),
        ("203.0.113.9, 192.0.2.7:80, 10.9.9.9:81", "192.0.2.7"),
        ("203.0.113.9, 192.0.2.7,  10.9.9.9,10.8.8.8", "192.0.2.7"),
        ("10.9.9.9, 10.8.8.8", "10.9.9.9"),
    ],
)
def test_client_ip_is_the_last_that_is_no_trusted_proxy(
    start: Start, settings: Settings, log: LogFile, forwarded: str, address: str
) -> None:
    assert client_of(start(settings), log, X_Forwarded_For=forwarded) == address


def test_forwarded_headers_of_untrusted_clients_are_ignored(
    start: Start, settings: Settings, log: LogFile
) -> None:
    client = start(settings, peer="198.51.100.1")
    headers = {**FORWARDED, "X_Real_IP": "192.0.2.7", "X_Forwarded_For": "192.0.2.7"}
    assert client_of(client, log, **headers) == "198.51.100.1"
    assert client_of(client, log, **FORWARDED) == "198.51.100.1"
    assert not log.lines("app.core.http.proxy_headers")


@pytest.mark.parametrize("headers", [FORWARDED, {"X_Real_IP": "192.0.2.7"}])
def test_proxy_that_sends_only_ignored_headers_is_logged_once(
    start: Start, settings: Settings, log: LogFile, headers: dict[str, str]
) -> None:
    client = start(settings)
    assert client_of(client, log, X_Forwarded_For="192.0.2.7", **headers) == "192.0.2.7"
    assert not log.lines("app.core.http.proxy_headers")
    for _ in range(3):
        assert client_of(client, log, **headers) == PROXY
    (name,) = headers
    (line,) = log.lines("app.core.http.proxy_headers")
    expected = WARNING.format(name.lower().replace("_", "-"))
    assert line["message"].startswith(expected)
    assert line["level"] == "warning"


def test_x_forwarded_host_and_prefix_are_ignored(
    start: Start, settings: Settings
) -> None:
    headers = {"X-Forwarded-Host": "shop.example", "X-Forwarded-Prefix": "/shop"}
    headers["Forwarded"] = "host=shop.example"
    client = start(settings)
    for page in ("/docs", "/openapi.json"):
        assert client.get(page, headers=headers).text == client.get(page).text
    strict = start(changed(settings, "api", allowed_hosts=("shop.example",)))
    assert strict.get("/docs", headers=headers).status_code == 400
    assert strict.get("/docs", headers={"Host": "shop.example"}).status_code == 200
