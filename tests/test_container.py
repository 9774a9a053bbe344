"""The image: each of its steps, and the resulting service."""

import json
import signal
import subprocess
import time
from pathlib import Path

import httpx2
import pytest

from tests.conftest import Render, read_yaml, run
from tests.dockerfile import Image, build
from tests.matrix import Answers
from tests.production import PRODUCTION, free_port, postgresql_of
from tests.updates import make_repository


@pytest.fixture
def project(render: Render, first_variant: Answers) -> Path:
    """A project that has been in use, with what must not get into an image."""
    project = render(first_variant | {"jobs": True})
    run("uv", "lock", "--quiet", cwd=project)
    (project / ".env").write_text("AUTH_SIGNING_KEY=secret\n")
    cache = project / "app" / "__pycache__" / "main.cpython-399.pyc"
    cache.parent.mkdir()
    cache.touch()
    make_repository(project)
    return project


def test_steps_of_the_dockerfile_make_a_working_service(
    project: Path, workspace: Path
) -> None:
    image = build(project, workspace / "image")
    service = image.place("/service")
    assert {path.name for path in service.iterdir()} == {
        *("app", "migrations", "scripts", "pyproject.toml", "uv.lock", ".venv")
    }
    assert not list(service.glob("app/__pycache__/*399*"))
    assert list(service.glob("app/__pycache__/*"))
    assert not list(image.root.rglob("uv"))
    assert not list(service.rglob("site-packages/pytest"))
    assert image.notes["USER"] == "10001:10001"
    assert image.notes["EXPOSE"] == "8000"
    before = files(image)
    with postgresql_of(project, workspace / "server") as url:
        serve(image, project, {**PRODUCTION, "DATABASE_URL": url})
    assert files(image) == before, "it writes into its own files"


def files(image: Image) -> dict[str, int]:
    """Return when each file was changed."""
    return {str(path): path.lstat().st_mtime_ns for path in image.root.rglob("*")}


def serve(image: Image, project: Path, variables: dict[str, str]) -> None:
    """Migrate it; start, probe and stop its processes, as an orchestrator does."""
    compose = read_yaml(project / "compose.yml")
    migrate = compose["services"]["migrate"]["command"]
    is_migrated = ("alembic", "current", "--check-heads")
    assert finish(image.run(*is_migrated, **variables)) != 0
    assert finish(image.run(*migrate, **variables)) == 0
    assert finish(image.run(*is_migrated, **variables)) == 0
    serve_and_stop(image, json.loads(image.notes["CMD"]), variables)
    serve_and_stop(image, compose["services"]["worker"]["command"], variables)
    jobs = ("python", "-m", "scripts.jobs", "list")
    assert finish(image.run(*jobs, **variables)) == 0


def serve_and_stop(image: Image, command: list[str], variables: dict[str, str]) -> None:
    """Start a process, probe it and stop it."""
    port = free_port()
    variables["SERVER_PORT"] = str(port)
    process = image.run(*command, **variables)
    probe = image.notes["HEALTHCHECK"].partition("CMD ")[2]
    assert probe.count(":8000/") == 1
    health = json.loads(probe.replace(":8000/", f":{port}/"))
    try:
        while finish(image.run(*health)) != 0:
            assert process.poll() is None
            time.sleep(0.1)
        ready = httpx2.get(f"http://127.0.0.1:{port}/health/ready")
        assert ready.status_code == 200
    finally:
        process.send_signal(signal.SIGTERM)
        assert finish(process) == 0
    assert finish(image.run(*health)) != 0


def finish(process: subprocess.Popen[str]) -> int:
    """Wait for the end of a process, and return its exit code."""
    process.communicate(timeout=60)
    return process.returncode
