"""Limits of open connections and files."""

import subprocess
import sys
from ipaddress import ip_network

import pytest

from app.core.metrics import Metrics
from app.core.server import OpenConnections
from app.settings import Settings
from tests.support.settings import changed

COUNT = """
import resource
from app.core.server import raise_descriptor_limit
resource.setrlimit(resource.RLIMIT_NOFILE, (200, 400))
raise_descriptor_limit(10_000)
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.fixture
def connections(settings: Settings) -> OpenConnections:
    """Room for five, two of each client."""
    limits = {"max_connections": 5, "max_client_connections": 2}
    server = changed(settings, "server", **limits).server
    return OpenConnections(server, [ip_network("10.0.0.0/8")], Metrics("1"))


@pytest.mark.parametrize(
    ("hosts", "other"),
    [
        (["192.0.2.1", "192.0.2.1", "::ffff:192.0.2.1"], "192.0.2.2"),
        (["2001:db8::1", "2001:db8::2", "2001:db8::3"], "2001:db8:0:1::1"),
    ],
)
def test_number_of_connections_per_client_is_limited(
    connections: OpenConnections, hosts: list[str], other: str
) -> None:
    *first, last = hosts
    assert all(connections.add(host) for host in first)
    assert not connections.add(last)
    assert connections.add(other)
    connections.remove(first[0])
    assert connections.add(last)


@pytest.mark.parametrize("proxy", ["10.1.2.3", "::ffff:10.1.2.3", None])
def test_connections_of_proxies_count_for_no_client(
    connections: OpenConnections, proxy: str | None
) -> None:
    assert all(connections.add(proxy) for _ in range(5))
    assert not connections.add(proxy)
    connections.remove(proxy)
    assert connections.add("192.0.2.1")


def test_limit_of_open_files_is_raised() -> None:
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-c", COUNT], capture_output=True, check=True, text=True
    )
    assert ended.stdout == "400\n"
