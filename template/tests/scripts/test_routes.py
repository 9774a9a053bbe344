"""``uv run poe routes``, and what ``poe check-production`` says about endpoints."""

import pytest

from app.api.router import ROUTERS
from app.core.http import UNLIMITED, APIRouter
from app.core.operator_key import for_operators
from app.factory import create_app
from app.settings import Settings
from scripts import routes
from scripts.check_production import costly_endpoints

router = APIRouter(prefix="/own")


@router.post("/upload", max_body_size=UNLIMITED, deadline=UNLIMITED)
async def upload() -> None:
    """Take any body from anyone."""


@router.get("/report", deadline=120, statement_timeout=60)
async def get_report() -> None:
    """Take long for anyone."""


@router.post("/restart", deadline=120, dependencies=[for_operators])
async def restart() -> None:
    """Take long for operators."""


@router.get("/small", max_body_size=10, stream=True)
async def get_small() -> None:
    """Have less than others."""


def test_every_operation_is_listed(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    routes.main()
    listed = {tuple(line.split()[:2]) for line in capsys.readouterr().out.splitlines()}
    paths = create_app(settings).openapi()["paths"]
    documented = {
        (method.upper(), path)
        for path, operations in paths.items()
        for method in operations
        if path.startswith(tuple(ROUTERS))
    }
    assert listed >= documented


@pytest.fixture
def _own_endpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "ROUTERS", {"": [router]})


@pytest.mark.usefixtures("_own_endpoints")
def test_line_has_permission_and_options(capsys: pytest.CaptureFixture[str]) -> None:
    routes.main()
    lines = [line.split(maxsplit=3) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        ["GET", "/own/report", "anyone", "deadline=120.0, statement_timeout=60.0"],
        ["POST", "/own/restart", "operators", "deadline=120.0"],
        ["GET", "/own/small", "anyone", "max_body_size=10, stream"],
        [
            "POST",
            "/own/upload",
            "anyone",
            "deadline=unlimited, max_body_size=unlimited",
        ],
    ]


@pytest.mark.usefixtures("_own_endpoints")
def test_larger_limits_for_anyone_are_told(settings: Settings) -> None:
    told = [*costly_endpoints(settings.limits)]
    assert [line.split()[7] for line in told] == ["/own/upload", "/own/report"]
