"""``/docs`` and ``/redoc``, which load nothing from other hosts."""

import re
from base64 import b64encode
from hashlib import sha256
from urllib.parse import urljoin

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.core.openapi import docs
from app.settings import Settings
from tests.support.clients import Start
from tests.support.sample_app import create_app
from tests.support.settings import changed

PAGES = ["/docs", "/redoc"]


def policy_of(client: TestClient, url: str) -> dict[str, list[str]]:
    """Read what a browser may load for a page, by kind."""
    header = client.get(url).headers["content-security-policy"]
    directives = (directive.split() for directive in header.split(";"))
    return {name: sources for name, *sources in directives}


@pytest.mark.parametrize("prefix", ["", "/shop"])
@pytest.mark.parametrize("url", PAGES)
def test_pages_load_only_files_of_the_service(
    app: FastAPI, start_app: Start, prefix: str, url: str
) -> None:
    client = start_app(app, root_path=prefix)
    page = client.get(prefix + url)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    references = re.findall(
        r"""(?:src=|href=|spec-url=|url: )["']([^"']*)["']""", page.text
    )
    assert len(references) >= 3
    for reference in references:
        address = urljoin(prefix + url, reference)
        assert address.startswith(f"{prefix}/")
        assert client.get(address).status_code == 200


def test_operations_are_called_behind_the_prefix(
    app: FastAPI, start_app: Start
) -> None:
    client = start_app(app, root_path="/shop")
    assert client.get("/shop/openapi.json").json()["servers"] == [{"url": "/shop"}]


@pytest.mark.parametrize("url", PAGES)
def test_pages_allow_no_other_scripts(running: TestClient, url: str) -> None:
    page = running.get(url).text
    policy = policy_of(running, url)
    assert policy["default-src"] == ["'none'"]
    assert policy["connect-src"] == ["'self'"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert policy.pop("script-src") == ["'self'", *hashes_of_scripts(page)]
    sources = {source for kind in policy.values() for source in kind}
    assert sources <= {"'none'", "'self'", "'unsafe-inline'", "blob:", "data:"}
    assert not re.search(r"\son\w+=", page)


def hashes_of_scripts(page: str) -> list[str]:
    """Return what allows the inline scripts of a page (CSP Level 3, section 2.3.1)."""
    return [
        f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"
        for script in re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    ]


def test_files_have_media_types(running: TestClient) -> None:
    """With ``nosniff``, browsers use no script without one."""
    for url, media_type in (
        ("/docs/fastapi/favicon.png", "image/png"),
        ("/docs/swagger/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
        ("/docs/swagger/swagger-ui.css", "text/css; charset=utf-8"),
        ("/redoc/logo-mini.svg", "image/svg+xml"),
        ("/redoc/redoc.standalone.js", "text/javascript; charset=utf-8"),
    ):
        assert running.get(url).headers["content-type"] == media_type


def test_redoc_loads_its_logo_from_the_service(running: TestClient) -> None:
    bundle = running.get("/redoc/redoc.standalone.js").text
    assert "cdn.redoc.ly" not in bundle
    assert 'window.location.pathname+"/logo-mini.svg"' in bundle


def test_title_is_escaped(settings: Settings, start_app: Start) -> None:
    client = start_app(create_app(changed(settings, "app", name="<Shop>")))
    for url in PAGES:
        assert "<title>&lt;Shop&gt;</title>" in client.get(url).text


def test_pages_exist_only_in_development_by_default(
    settings: Settings, safe: Settings, start_app: Start
) -> None:
    for given, asked, status in (
        (settings, None, 200),
        (settings, False, 404),
        (safe, None, 404),
        (safe, True, 200),
    ):
        client = start_app(create_app(changed(given, "api", docs=asked)))
        for url in (*PAGES, "/openapi.json", "/docs/swagger/swagger-ui.css"):
            assert client.get(url).status_code == status


def test_start_without_the_package_fails(
    settings: Settings, start_app: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docs, "find_spec", lambda _: None)
    with pytest.raises(SystemExit, match=r"API_DOCS: .* fastapi-standalone-docs"):
        create_app(settings)
    without = create_app(changed(settings, "api", docs=False))
    assert start_app(without).get("/docs").status_code == 404
