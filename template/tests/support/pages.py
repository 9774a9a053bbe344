"""Web pages that log in with a cookie."""

from collections.abc import Mapping

from fastapi.testclient import TestClient
from httpx2 import Response

from app.core.security.cookies import NAME
from app.settings import Settings
from tests.support.accounts import PASSWORD, Account, with_auth
from tests.support.settings import changed

LOGIN = "/api/v1/auth/login"
# What browsers add to the requests of a page of the service.
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
# An origin whose pages may send cookies, of the same site.
NAMED = "https://app.testserver"
# What browsers, or other clients, send for all others.
FOREIGN: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "same-site", "Origin": "https://blog.testserver"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "null"},  # a sandbox or a redirect
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},  # contradictory
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example"},  # browsers before 2023
    {"Origin": "null"},
    {"Origin": "http://testserver.evil.example"},
    {"Origin": "http://testserver:8443"},
    {"Origin": "testserver"},
    {},
]


def with_cookies(settings: Settings, **changes: object) -> Settings:
    """Return settings that accept cookies, also from pages of ``NAMED``."""
    settings = with_auth(settings, **{"cookies": "lax", **changes})
    return changed(settings, "api", cors_origins=(NAMED,), cors_credentials=True)


def log_in_on_page(
    client: TestClient,
    account: Account,
    headers: Mapping[str, str] = OWN_PAGE,
    password: str = PASSWORD,
) -> Response:
    """Log in as the page of a form does."""
    form = {"username": account.email, "password": password}
    return client.post(LOGIN, data=form, headers=headers)


def cookie_of(response: Response) -> str:
    """Return the value of the session cookie that a response sets."""
    (header,) = response.headers.get_list("Set-Cookie")
    name, _, value = header.partition(";")[0].partition("=")
    assert name == NAME
    return str(value)


def sent(value: str) -> dict[str, str]:
    """Return the headers of a page with a session cookie."""
    return {**OWN_PAGE, "Cookie": f"theme=dark; {NAME}={value}; lang=en"}


def open_page(client: TestClient, account: Account) -> dict[str, str]:
    """Log in on a page, and return the headers of its requests."""
    return sent(cookie_of(log_in_on_page(client, account)))
