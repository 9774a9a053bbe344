"""The limits of the proxy and of Docker Compose are above those of the service."""

import re
from math import inf
from pathlib import Path

import pytest

from app.settings import Settings
from scripts.routes import endpoints

CADDYFILE = Path("proxy/Caddyfile")
UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "s": 1, "m": 60, "h": 3600}


def largest(directive: str) -> float:
    """Return the largest value of a directive, in bytes or seconds; 0 is unlimited."""
    values = re.findall(rf"\b{directive} (\d+)(\w*)", CADDYFILE.read_text())
    assert values
    return max(int(number) * UNITS.get(unit, 1) or inf for number, unit in values)


def test_proxy_does_not_limit_requests_that_an_endpoint_allows(
    settings: Settings, subtests: pytest.Subtests
) -> None:
    size, body_time = largest("max_size"), largest("read_body")
    response_time = largest("response_header_timeout")
    for endpoint in endpoints():
        with subtests.test(str(endpoint)):
            own_size = endpoint.max_body_size or settings.limits.max_body_size
            deadline = endpoint.options.deadline or settings.limits.deadline
            assert own_size <= size, "Raise max_size in proxy/Caddyfile."
            assert deadline <= body_time, "Raise read_body in proxy/Caddyfile."
            assert deadline <= response_time, "Raise response_header_timeout there."


def test_proxy_and_orchestrator_wait_until_the_service_has_stopped(
    settings: Settings,
) -> None:
    """Open streams may go on until then."""
    seconds = settings.app.drain_time + settings.server.stop_timeout
    grace = re.search(r"stop_grace_period: (\d+)s", Path("compose.yml").read_text())
    assert grace
    assert seconds < int(grace[1]), "Raise stop_grace_period in compose.yml."
    assert seconds < largest("grace_period"), "Raise grace_period in proxy/Caddyfile."
