"""The examples of the documentation, followed in one service, and its next update.

Together they are the second week of a service: orders with lines, a role, photos, an
export, events, a chat, a webhook, reports and jobs. Only documented names are used.
"""

import shlex
from pathlib import Path

import pytest

from tests.guides import blocks, change
from tests.matrix import (
    ROOT,
    Answers,
    code_variants,
    pairwise,
    some_variants,
    variant_id,
)
from tests.proof import contents as contents_of_modules
from tests.proof import modules_about_changes
from tests.test_domains import check
from tests.test_projects import Project, installed
from tests.updates import (
    PRESENT,
    commit_all,
    conflicts,
    contents,
    git,
    start,
    successor,
    update,
)

PAGES = ("relations.md", "examples.md", "jobs.md")
VARIANTS = pairwise(code_variants())
OWN_TESTS = ROOT / "tests" / "second_week"


@pytest.mark.parametrize("answers", VARIANTS, ids=variant_id)
def test_second_week(
    releases: Path,
    workspace: Path,
    shared: Path,
    answers: Answers,
    pytestconfig: pytest.Config,
) -> None:
    """Each variant runs the tests about what changes; with ``--edges``, all.

    The updated service is checked where each answer occurs, or with ``--edges``.
    """
    edges = pytestconfig.getoption("--edges")
    folder = workspace / "service"
    start(releases, folder, PRESENT, answers)
    before = contents_of_modules(folder)
    project = known(folder, shared)
    for page in (page for page in PAGES if (folder / "docs" / page).exists()):
        project = follow(project, page, shared)
    add_tests(project, has_accounts=answers["auth"] == "jwt")
    if edges:
        check(project, share="0/1")
    else:
        check(project, *modules_about_changes(before, contents_of_modules(folder)))
    commit_all(folder, "Do the work of a week")
    theirs = contents(folder)
    update(folder, version=successor(PRESENT))
    result = contents(folder)
    assert conflicts(result) == set()
    assert git("ls-files", "--others", "*.rej", cwd=folder) == ""
    assert theirs.keys() - result.keys() <= {"SECURITY.md"}
    if edges or answers in some_variants():
        check(known(folder, shared), "tests/orders")


def known(folder: Path, shared: Path) -> Project:
    """Return a project with its packages installed."""
    project = installed(folder, shared)
    project.know_types()
    project.variables["UV_NO_SYNC"] = "1"
    return project


def follow(project: Project, page: str, shared: Path) -> Project:
    """Do what a page of the service says; return the project with its packages."""
    text = (project.folder / "docs" / page).read_text()
    for block in blocks(text):
        if block.language == "diff":
            change(project.folder, block.text)
        if block.file:
            (project.folder / block.file).parent.mkdir(exist_ok=True)
            (project.folder / block.file).write_text(block.text)
        for command, _ in block.commands():
            if not command.endswith("poe check"):  # follows both pages
                project.run(*shlex.split(command.removeprefix("uv run ")))
            if command.startswith("uv add"):
                project = known(project.folder, shared)
    return project


def add_tests(project: Project, *, has_accounts: bool) -> None:
    """Add the tests of the examples."""
    is_async = "asyncpg" in (project.folder / "pyproject.toml").read_text()
    more = "roles" if has_accounts else "open_reports"
    for name, place in (("orders", "second_week"), (more, more)):
        text = (OWN_TESTS / f"{name}.py").read_text()
        if not is_async:
            text = text.replace("async def test_", "def test_")
            text = text.replace("await create_account", "create_account")
        (project.folder / "tests" / "orders" / f"test_{place}.py").write_text(text)
