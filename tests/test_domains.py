"""Domains come and go by command."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.conftest import Render, attempt
from tests.faster import run_copy
from tests.matrix import Answers, code_variants, some_variants
from tests.production import postgresql_of
from tests.test_projects import Project, installed

Start: TypeAlias = Callable[..., Project]

CODE_VARIANTS = code_variants()
# A regular name, one of two words, and one that English makes irregular.
NAMES = (["orders"], ["line-items"], ["people", "--singular", "person"])
# The tests of a project that read its lists of domains.
EDGE = {"test_isolation.py", "test_migrations.py", "test_openapi.py"}
BROKEN_REVISION = '''"""After one that is not there."""

revision = "b"
down_revision = "a"
'''
BRANCH = '''"""Beside those that came after the first one."""

revision = "b"
down_revision = "4a1f0c7e9b52"


def upgrade() -> None:
    """Change nothing."""


def downgrade() -> None:
    """Change nothing."""
'''


GREETINGS = '''"""Words for people."""


def greet(person: str) -> str:
    """Greet a person."""
    return f"Hello, {person}!"
'''
TEST_GREETINGS = '''"""Words for people."""

from app.people.greetings import greet


def test_greeting() -> None:
    assert greet("Ada") == "Hello, Ada!"
'''


@pytest.fixture(scope="session")
def database_url(template: Path, shared: Path) -> Iterator[str]:
    """A PostgreSQL for all projects: what they do with it does not depend on whose."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_copy(str(template), folder, defaults=True, quiet=True)
        python = installed(folder, shared).python
        with postgresql_of(folder, folder / "server", [python]) as url:
            yield url


@pytest.fixture
def start(render: Render, shared: Path, database_url: str) -> Start:
    """Renders projects, with their packages installed."""

    def start(answers: Answers | None = None) -> Project:
        project = installed(render(answers), shared)
        project.variables["DATABASE_URL"] = database_url
        return project

    return start


def files(project: Project) -> dict[str, bytes]:
    """Return what is in a project, without its revisions."""
    tops = ("app", "scripts", "tests", "pyproject.toml")
    paths = [project.folder / top for top in tops]
    return {
        str(path.relative_to(project.folder)): path.read_bytes()
        for top in paths
        for path in (top, *top.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def revisions(project: Project) -> set[str]:
    return {path.name for path in project.folder.glob("migrations/versions/*.py")}


def check_style_and_imports(project: Project) -> None:
    project.run("ruff", "format", "--check")
    project.run("ruff", "check")
    project.run("lint-imports")


def check_tests(project: Project, domain: str, like: str = "items") -> None:
    """Run the tests that can tell a new domain."""
    tests = project.folder / "tests"
    own = {path.name for path in tests.glob(f"test_{domain}_*.py")}
    example = {path.name for path in tests.glob(f"test_{like}_*.py")} - own
    assert own == {name.replace(like, domain) for name in example}
    chosen = sorted(own | {name for name in EDGE if (tests / name).exists()})
    project.run("pytest", *(f"tests/{name}" for name in chosen))


def test_a_domain_comes_and_goes(
    start: Start, some_variant: Answers, pytestconfig: pytest.Config
) -> None:
    """All that is left of it are two revisions; then the example can go as well."""
    project = start(some_variant)
    project.know_types()
    before, known = files(project), revisions(project)
    name = NAMES[CODE_VARIANTS.index(some_variant) % len(NAMES)]
    domain = name[0].replace("-", "_")
    project.run("poe", "new-domain", *name)
    check_style_and_imports(project)
    project.run("mypy")
    check_tests(project, domain)
    project.run("poe", "remove-domain", domain, "--yes")
    assert files(project) == before
    new = {
        path.split("-", 1)[1].split("_", 1)[1] for path in revisions(project) - known
    }
    assert new == {f"create_{domain}.py", f"drop_{domain}.py"}
    if not pytestconfig.getoption("--edges"):
        number = some_variants().index(some_variant)
        project.choose(SHARE=f"{number}/{len(some_variants())}")
    check_without_a_domain(project)


def check_without_a_domain(project: Project) -> None:
    """Take the example out, too."""
    removed = project.run("poe", "remove-domain", "items", "--yes")
    assert "Still speak of items: CHANGELOG.md, README.md, docs/http.md" in removed
    assert not [name for name in files(project) if "items" in name]
    check_style_and_imports(project)
    project.run("mypy")
    # In processes of their own there is nothing of the example.
    assert " passed" in project.run("poe", "test", "-m", "not slow")
    assert "no domain left to copy" in refusal(project, "new-domain", "orders")


def refusal(project: Project, *command: str) -> str:
    """Run what must fail and change nothing; return the reason."""
    before = files(project), revisions(project)
    result = attempt(
        *("uv", "run", "--no-sync", "poe", *command),
        cwd=project.folder,
        **project.variables,
    )
    assert result.returncode
    assert (files(project), revisions(project)) == before
    return result.stderr


def test_what_cannot_be_done_changes_nothing(start: Start) -> None:
    project = start()
    for command, reason in {
        ("new-domain", "items"): "app/items exists already",
        ("new-domain", "wares", "--singular", "item"): 'have the name "item"',
        ("new-domain", "files"): '"FileNotFoundError" has another meaning',
        ("new-domain", "operations"): '"operations" has another meaning',
        ("new-domain", "people"): "--singular",
        ("new-domain", "orders", "--like", "nothing"): "There are: api_keys, items",
        ("new-domain", "orders", "--like", "users"): "would make no use of a copy",
        ("remove-domain", "items"): "Nothing was changed: say --yes",
        ("remove-domain", "users", "--yes"): "The users are needed: app/",
    }.items():
        assert reason in refusal(project, *command)
    broken = project.folder / "migrations" / "versions" / "broken.py"
    broken.write_text(BROKEN_REVISION)
    for command in (("new-domain", "orders"), ("remove-domain", "items", "--yes")):
        assert "Nothing was changed, because" in refusal(project, *command)


def test_what_would_be_there_twice_is_not_copied(start: Start) -> None:
    project = start()
    for module, addition, name in (
        ("router", '@router.post("/sale")\nasync def sell() -> None: ...', "sell"),
        ("models", 'class Stock(Entity):\n    __tablename__ = "stock"', "stock"),
    ):
        path = project.folder / "app" / "items" / f"{module}.py"
        before = path.read_text()
        path.write_text(f"{before}\n\n{addition}\n")
        reason = refusal(project, "new-domain", "orders")
        assert "A copy of the items would have" in reason
        assert f'"{name}", too' in reason
        path.write_text(before)


def test_a_domain_is_made_like_another_one(start: Start) -> None:
    """As that is now: a field, a file and a test of the team's own come along.

    A column without a revision and branches of revisions go into the new one.
    """
    project = start()
    project.run("poe", "new-domain", "people", "--singular", "person")
    people = project.folder / "app" / "people"
    models = (people / "models.py").read_text()
    column = "    nickname: Mapped[str | None]\n"
    (people / "models.py").write_text(models + column)
    (people / "greetings.py").write_text(GREETINGS)
    tests = project.folder / "tests" / "people"
    tests.mkdir()
    (tests / "__init__.py").write_text('"""Tests of the team."""\n')
    (tests / "test_greetings.py").write_text(TEST_GREETINGS)
    branch = project.folder / "migrations" / "versions" / "2026_11_21_0001-b_branch.py"
    branch.write_text(BRANCH)
    project.run("poe", "remove-domain", "items", "--yes")
    project.run("poe", "new-domain", "people-lines")
    copy = project.folder / "app" / "people_lines"
    assert column in (copy / "models.py").read_text()
    assert "Greet a people line." in (copy / "greetings.py").read_text()
    check_style_and_imports(project)
    check_tests(project, "people_lines", like="people")
    project.run("pytest", "tests/people_lines")
