"""The load of ``uv run poe soak``, for seconds instead of minutes."""

from pathlib import Path

from tests.resilience.service import services
from tests.resilience.soak import BUDGETS, soak


def test_nothing_is_lost_while_servers_fail(project: Path) -> None:
    with services(project, project.parent / "soaked", **BUDGETS) as service:
        figures = soak(service, seconds=0, calm=0.3, fault=0.2)
    assert figures.is_good, "\n".join(figures.lines())
