"""Updated projects pass their checks, and keep their data."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from tests.edits import add_settings, make_it_theirs
from tests.matrix import (
    Answers,
    code_variants,
    pairwise,
    variant_id,
)
from tests.switches import Way, changes, each_switch
from tests.test_projects import Project, installed
from tests.updates import (
    ORIGINS,
    PRESENT,
    commit_all,
    git,
    start,
    successor,
    update,
)

QUERY = """
import subprocess, sys
from pathlib import Path
from scripts.servers import DATA, postgresql
with postgresql(DATA) as url:
    psql = next(Path(sys.prefix).glob("lib/*/site-packages/*/pginstall18/bin/psql"))
    subprocess.run([psql, "-qAtc", sys.argv[1], url], check=True)
"""
ADD_USER = """
INSERT INTO users (id, email, password_hash, role, is_active, session_epoch)
VALUES (gen_random_uuid(), 'ada@example.com', '', 'user', true, 0);
"""
ADD_ITEMS = """
INSERT INTO items (id, sku, name, price{column})
SELECT gen_random_uuid(), n, 'Lamp', n{value} FROM generate_series(1, 3) n
"""
GIVE_ITEMS_TO_ADA = {"column": ", owner_id", "value": ", (SELECT id FROM users)"}
ADD_JOB = "INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('a@1', 'a')"
CANCEL_JOBS = "UPDATE procrastinate_jobs SET status = 'cancelled'"
OWNERS = "SELECT DISTINCT email, is_active FROM items JOIN users ON users.id = owner_id"
# Of what is edited; with --edges, some run all of them.
TESTS = (
    "tests/api/test_migrations.py",
    "tests/api/test_openapi.py",
    "tests/api/test_settings.py",
    "tests/items",
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose a few; ``--edges`` takes more."""
    edges = metafunc.config.getoption("--edges")
    if "switch" in metafunc.fixturenames:
        between = each_switch(code_variants())
        chosen = [
            (before, after)
            for before, after in between
            if edges or "auth" in changes(before, after)
        ]
        ids = [f"{variant_id(one)}-to-{variant_id(two)}" for one, two in chosen]
        metafunc.parametrize("switch", chosen, ids=ids)
    if "way" in metafunc.fixturenames:
        few = [(ORIGINS[0], one) for one in pairwise(code_variants())]
        every = [(ORIGINS[-1], one) for one in code_variants()]
        ways = few + [one for one in every if one not in few] if edges else few[1:2]
        ids = [f"{version}-{variant_id(one)}" for version, one in ways]
        metafunc.parametrize("way", ways, ids=ids)


def test_from_a_release(
    releases: Path,
    workspace: Path,
    shared: Path,
    way: Way,
    pytestconfig: pytest.Config,
) -> None:
    version, answers = way
    folder = edited(releases, workspace / "project", version, answers)
    update(folder, version=successor(version))
    everything = pytestconfig.getoption("--edges") and version == ORIGINS[0]
    check(installed(folder, shared), () if everything else TESTS)


def test_with_another_answer(
    releases: Path,
    workspace: Path,
    shared: Path,
    switch: tuple[Answers, Answers],
) -> None:
    """Items survive; with new users, they belong to ``nobody@localhost``."""
    before, after = switch
    folder = edited(releases, workspace / "project", PRESENT, before)
    project = installed(folder, shared)
    project.run("poe", "migrate")
    had_users = before["auth"] == "jwt"
    owner = GIVE_ITEMS_TO_ADA if had_users else {"column": "", "value": ""}
    query(project, ADD_USER * had_users + ADD_ITEMS.format(**owner))
    commit_all(folder, "Add uv.lock")
    changed = changes(before, after)
    update(folder, changed, PRESENT)
    if "auth" in changed:  # as the guide says
        git("checkout", "--quiet", "--theirs", "app/settings.py", cwd=folder)
        add_settings(folder)
    project = installed(folder, shared)
    project.run("poe", "revision", "join")
    project.run("poe", "migrate")
    assert query(project, "SELECT sku, price FROM items") == ["1|1", "2|2", "3|3"]
    if after["auth"] == "jwt":
        owner_now = "ada@example.com|t" if had_users else "nobody@localhost|f"
        assert query(project, OWNERS) == [owner_now]
    if "auth" in changed:
        project = with_jobs_or_without(project)
    check(project, TESTS)


def with_jobs_or_without(project: Project) -> Project:
    """Update with the other answer about jobs. None that waits is dropped."""
    folder = project.folder
    answers = yaml.safe_load((folder / ".copier-answers.yml").read_text())
    if answers["jobs"]:
        query(project, ADD_JOB)
    commit_all(folder, "Join the migrations")
    update(folder, {"jobs": not answers["jobs"]}, PRESENT)
    project = installed(folder, project.shared)
    if answers["jobs"]:
        refused = project.attempt("poe", "migrate")
        assert "1 jobs wait or run. Let a worker of the last release" in refused.stderr
        query(project, CANCEL_JOBS)
    project.run("poe", "revision", "join")
    project.run("poe", "migrate")
    assert query(project, "SELECT count(*) FROM items") == ["3"]
    return project


def edited(releases: Path, folder: Path, version: str, answers: Answers) -> Path:
    """Make a project where people have done what they do."""
    start(releases, folder, version, answers)
    make_it_theirs(folder)
    commit_all(folder, "Give items a price")
    return folder


def query(project: Project, sql: str) -> list[str]:
    """Query the database of a project that is not running."""
    return project.run("python", "-c", QUERY, sql).splitlines()


def check(project: Project, tests: Sequence[str]) -> None:
    """Run all checks of a project, perhaps with a part of its tests only."""
    project.know_types()
    project.run("ruff", "format", "--check", "--quiet")
    project.run("ruff", "check", "--quiet")
    project.run("mypy")
    project.run("lint-imports")
    project.run("pytest", "--quiet", *tests)
