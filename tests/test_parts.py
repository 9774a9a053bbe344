"""Each part on the page "Take a part out" can leave a service, and all at once."""

import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.conftest import Render, attempt, run
from tests.guides import blocks, change
from tests.matrix import Answers, some_variants
from tests.test_projects import Project, installed
from tests.updates import git, make_repository

Start: TypeAlias = Callable[[Answers], Project]

PAGE = Path("docs", "take-a-part-out.md")
FIRST, LAST = some_variants()[0], {**some_variants()[-1], "kubernetes": True}
# Whole, as one of them has accounts and the other jobs.
FIRST_WHOLE, LAST_WHOLE = {**FIRST, "jobs": True}, {**LAST, "auth": "jwt"}
# The tests that compare settings, documents and tables with the code.
COMPARING = (
    "tests/api",
    # What requests cost without a part, ``test_all_parts`` shows.
    "--ignore=tests/api/test_request_costs.py",
    "tests/core/metrics/test_dashboard.py",
    "tests/core/settings/test_settings.py",
)


@pytest.fixture
def start(render: Render, shared: Path) -> Start:
    """Renders a service into a repository, with its packages installed."""

    def start(answers: Answers) -> Project:
        project = installed(render(answers), shared)
        project.know_types()
        project.variables["UV_NO_SYNC"] = "1"
        make_repository(project.folder)
        return project

    return start


@pytest.mark.parametrize("number", [0, 1])
def test_each_part(
    start: Start, number: int, subtests: pytest.Subtests, pytestconfig: pytest.Config
) -> None:
    """In one of two variants; with ``--edges``, in both and with all tests."""
    project = start([FIRST_WHOLE, LAST_WHOLE][number])
    edges = pytestconfig.getoption("--edges")
    every = list(parts(project).items())
    for part, steps in every if edges else every[number::2]:
        with subtests.test(part):
            take_out(project, steps)
            check(project, *(() if edges else COMPARING))
        git("reset", "--quiet", "--hard", cwd=project.folder)
        git("clean", "--quiet", "--force", "-d", cwd=project.folder)


@pytest.mark.parametrize("number", [0, 1])
def test_all_parts(start: Start, number: int, pytestconfig: pytest.Config) -> None:
    """Each variant runs its half of the tests; with ``--edges``, all of them."""
    project = start([FIRST, LAST][number])
    for steps in parts(project).values():
        take_out(project, steps, is_alone=False)
    # The page says of the tests of Sentry and traces that they share it.
    (project.folder / "tests" / "support" / "traced_service.py").unlink()
    if not pytestconfig.getoption("--edges"):
        project.choose(SHARE=f"{number}/2")
    check(project, "-m", "not slow")


def parts(project: Project) -> Mapping[str, str]:
    """Return the parts on the page, each with its steps."""
    page = (project.folder / PAGE).read_text()
    _, *sections = re.split(r"(?m)^## (.+)\n", page)
    found = dict(zip(sections[::2], sections[1::2], strict=True))
    assert len(found) > 4
    return found


def take_out(project: Project, steps: str, *, is_alone: bool = True) -> None:
    """Do what the page says of a part; of several, one deletes lines of the next."""
    done = 0
    for block in blocks(steps):
        if block.language == "diff":
            change(project.folder, block.text, may_be_gone=not is_alone)
            project.run("poe", "format")
        for command, _ in block.commands():
            if command.startswith("rm "):
                run(*shlex.split(command), cwd=project.folder)
            else:
                project.run(*shlex.split(command.removeprefix("uv run ")))
        done += 1
    assert done > 1


def check(project: Project, *tests: str) -> None:
    """Do what ``poe check`` does, with some of the tests."""
    project.run("ruff", "format", "--check")
    project.run("ruff", "check")
    project.run("mypy")
    project.run("lint-imports")
    assert mentions(project, deleted_modules(project)) == []
    assert unused_helpers(project) == []
    here = [
        one
        for one in tests
        if "/" not in one or (project.folder / one.removeprefix("--ignore=")).exists()
    ]
    assert " passed" in project.run("pytest", *here)


def mentions(project: Project, modules: set[str]) -> list[str]:
    """Return the lines that name one of these modules, outside of the page itself."""
    names = "|".join(re.escape(module).replace(r"\.", "[./]") for module in modules)
    others = [f":!{PAGE}", ":!CHANGELOG.md"]
    said = attempt("git", "grep", "-nwE", names, "--", *others, cwd=project.folder)
    return said.stdout.splitlines() if modules else []


def unused_helpers(project: Project) -> list[str]:
    """Return the modules of ``tests/support`` that no other file names."""
    helpers = {
        path.stem for path in (project.folder / "tests/support").glob("[a-z]*.py")
    }
    return sorted(
        helper
        for helper in helpers
        if not mentions(project, {f"tests.support.{helper}"})
    )


def deleted_modules(project: Project) -> set[str]:
    """Return the modules and packages that are gone."""
    deleted = git("ls-files", "--deleted", "app", cwd=project.folder).splitlines()
    paths = {Path(name) for name in deleted}
    packages = {
        path.parent for path in paths if not (project.folder / path).parent.exists()
    }
    modules = {path.with_suffix("") for path in paths if path.name != "__init__.py"}
    return {".".join(path.parts) for path in modules | packages}
