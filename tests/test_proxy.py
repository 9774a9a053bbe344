"""A real proxy in front of a real service: TLS, HTTP/2, limits, and who is asking."""

import re
import secrets
import shutil
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.conftest import Render, run
from tests.production import (
    PATIENCE,
    PRODUCTION,
    free_port,
    postgresql_of,
    running,
    wait_until,
)

ITEM = {"sku": "lamp-1", "name": "Lamp"}
CLIENT, SPOOFED = "127.0.0.2", "203.0.113.9"
OPS_KEY = secrets.token_hex(32)


@dataclass
class Site:
    """A service behind its proxy."""

    url: str
    plain_url: str
    trusted: ssl.SSLContext
    service_url: str
    log: Path
    service: subprocess.Popen[bytes]

    def client(self, *, http2: bool = True) -> httpx2.Client:
        """Return a client with its own IP address."""
        transport = httpx2.HTTPTransport(
            verify=self.trusted, http2=http2, local_address=CLIENT
        )
        return httpx2.Client(transport=transport, base_url=self.url, timeout=PATIENCE)


@pytest.fixture
def site(render: Render, workspace: Path) -> Iterator[Site]:
    """A service without users, and the proxy as its project sets it up."""
    project = render({"auth": "none"})
    ports = [str(free_port()) for _ in range(3)]
    to_service = {
        **PRODUCTION,
        "API_TRUSTED_PROXIES": "127.0.0.1",
        "SERVER_HOST": "127.0.0.1",
        "SERVER_PORT": ports[0],
        "APP_DRAIN_TIME": "0",
        "OPS_KEY": OPS_KEY,
    }
    caddy = shutil.which("caddy")
    assert caddy
    to_proxy = {
        "DOMAIN": "localhost",
        "HTTPS_PORT": ports[1],
        "HTTP_PORT": ports[2],
        "SERVICE": f"127.0.0.1:{ports[0]}",
        "XDG_CONFIG_HOME": str(workspace),
        "XDG_DATA_HOME": str(workspace),
    }
    with ExitStack() as stack:
        serving = postgresql_of(project, workspace / "server")
        to_service["DATABASE_URL"] = stack.enter_context(serving)
        run("uv", "run", "alembic", "upgrade", "head", cwd=project, **to_service)
        log = workspace / "service.log"
        serve = (str(project / ".venv" / "bin" / "python"), "-m", "app.serve")
        service = stack.enter_context(
            running(*serve, cwd=project, log=log, **to_service)
        )
        config = ("run", "--config", "proxy/Caddyfile")
        proxy_log = workspace / "proxy.log"
        stack.enter_context(
            running(caddy, *config, cwd=project, log=proxy_log, **to_proxy)
        )
        root = workspace / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        wait_until(root.exists)
        site = Site(
            f"https://localhost:{ports[1]}",
            f"http://localhost:{ports[2]}",
            ssl.create_default_context(cafile=str(root)),
            f"http://127.0.0.1:{ports[0]}",
            log,
            service,
        )
        wait_until(lambda: is_ready(site))
        yield site


def is_ready(site: Site) -> bool:
    with site.client() as client:
        try:
            return client.get("/health/ready").status_code == 200
        except httpx2.TransportError:
            return False


def is_refused(site: Site, body: bytes) -> bool:
    """Tell whether the proxy says no; it may hang up before all of it was sent."""
    with site.client(http2=False) as client:
        try:
            return client.post("/api/v1/items", content=body).status_code == 413
        except httpx2.TransportError:
            return True


def requests_in_progress(site: Site) -> int:
    """Return how many requests have reached the service, without this one."""
    key = {"Authorization": f"Bearer {OPS_KEY}"}
    text = httpx2.get(f"{site.service_url}/metrics", headers=key).text
    (line,) = re.findall(r"^http_requests_in_progress ([0-9.]+)$", text, re.MULTILINE)
    return int(float(line)) - 1


def arrived_by_half(client: httpx2.Client, site: Site) -> int:
    """Send an item in two parts; return how much the service saw of it between them."""
    in_progress: list[int] = []

    def body() -> Iterator[bytes]:
        yield b'{"sku": "torch-1", '
        time.sleep(0.2)  # for the proxy to hand it on, if it does
        in_progress.append(requests_in_progress(site))
        yield b'"name": "Torch"}'

    json = {"Content-Type": "application/json"}
    created = client.post("/api/v1/items", content=body(), headers=json)
    assert created.status_code == 201
    return in_progress.pop()


def test_what_the_proxy_does(site: Site) -> None:
    with site.client() as client:
        created = client.post(
            "/api/v1/items", json=ITEM, headers={"X-Forwarded-For": SPOOFED}
        )
        assert (created.status_code, created.http_version) == (201, "HTTP/2")
        assert "strict-transport-security" in created.headers
        assert "server" not in created.headers
        for path in ("/health", "/metrics"):
            assert client.get(path).status_code == 404
        # Slow bodies wait in the proxy.
        assert arrived_by_half(client, site) == 0
    with site.client(http2=False) as client:
        # The service says what is wrong, unless it is absurd.
        large, absurd = (b"x" * (n * 1024 * 1024) for n in (1, 3))
        refused = client.post("/api/v1/items", content=large + b"x")
        assert refused.status_code == 413
        assert refused.headers["content-type"] == "application/problem+json"
    assert is_refused(site, absurd)
    moved = httpx2.get(f"{site.plain_url}/api/v1/items")
    assert moved.status_code == 308
    assert moved.headers["location"].startswith("https://localhost")
    site.service.terminate()
    assert site.service.wait(PATIENCE) == 0
    with site.client() as client:
        assert client.get("/api/v1/items").status_code == 502
    log = site.log.read_text()
    assert f'"client":"{CLIENT}"' in log
    assert SPOOFED not in log


PREFIXES = """
{
	admin off
}
http://127.0.0.1:{$HTTP_PORT} {
	handle_path /removed/* {
		reverse_proxy {$REMOVED}
	}
	handle /kept/* {
		reverse_proxy {$KEPT}
	}
}
"""


def test_a_prefix_removed_or_kept(render: Render, workspace: Path) -> None:
    """Two services at one host, each below a prefix."""
    project = render({"auth": "none"})
    caddy = shutil.which("caddy")
    assert caddy
    (workspace / "Caddyfile").write_text(PREFIXES)
    to_proxy = {"HTTP_PORT": str(free_port()), "XDG_DATA_HOME": str(workspace)}
    shown = {**PRODUCTION, "APP_DRAIN_TIME": "0", "API_DOCS": "True"}
    with ExitStack() as stack:
        serving = postgresql_of(project, workspace / "server")
        shown["DATABASE_URL"] = stack.enter_context(serving)
        run("uv", "run", "alembic", "upgrade", "head", cwd=project, **shown)
        serve = (str(project / ".venv" / "bin" / "python"), "-m", "app.serve")
        for name in ("removed", "kept"):
            port = str(free_port())
            to_proxy[name.upper()] = f"127.0.0.1:{port}"
            own = {
                "API_ROOT_PATH": f"/{name}",
                "SERVER_HOST": "127.0.0.1",
                "SERVER_PORT": port,
            }
            log = workspace / f"{name}.log"
            stack.enter_context(running(*serve, cwd=project, log=log, **shown, **own))
        config = ("run", "--config", str(workspace / "Caddyfile"))
        log = workspace / "proxy.log"
        stack.enter_context(running(caddy, *config, cwd=project, log=log, **to_proxy))
        url = f"http://127.0.0.1:{to_proxy['HTTP_PORT']}"
        client = stack.enter_context(httpx2.Client(base_url=url, timeout=PATIENCE))
        for name in ("removed", "kept"):
            wait_until(lambda: responds(client, f"/{name}/health/ready"))  # noqa: B023
            item = {"sku": name, "name": "Lamp"}
            created = client.post(f"/{name}/api/v1/items", json=item)
            location = created.headers["location"]
            assert location.startswith(f"/{name}/api/v1/items/")
            assert client.get(location).json() == created.json()
            page = client.get(f"/{name}/docs").text
            script = "docs/swagger/swagger-ui-bundle.js"
            assert f'src="{script}"' in page
            assert client.get(f"/{name}/{script}").status_code == 200
            document = client.get(f"/{name}/openapi.json").json()
            assert document["servers"] == [{"url": f"/{name}"}]


def responds(client: httpx2.Client, path: str) -> bool:
    """Tell whether a path is served, through the proxy."""
    try:
        return client.get(path).status_code == 200
    except httpx2.TransportError:
        return False
