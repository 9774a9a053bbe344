"""Domains come and go by command, in every variant."""

from pathlib import Path

import pytest

from tests.conftest import Render, attempt, commit
from tests.matrix import Answers, code_variants, each_answer, pairwise, variant_id
from tests.test_projects import Project, installed

CODE_VARIANTS = code_variants()
# A regular name, one of two words, and one that English makes irregular.
NAMES = (["orders"], ["order-lines"], ["people", "--singular", "person"])
# The tests of a project that read its lists of domains.
EDGE = {"test_isolation.py", "test_migrations.py", "test_openapi.py"}
BROKEN_REVISION = '''"""After one that is not there."""

revision = "b"
down_revision = "a"
'''


@pytest.fixture
def project(render: Render, code_variant: Answers, shared: Path) -> Project:
    """The project of a variant, with its packages installed."""
    return installed(render(code_variant), shared)


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


def check_types_and_tests(project: Project, domain: str) -> None:
    """Check the types, and run the tests that can tell a new domain."""
    project.run("mypy")
    tests = project.folder / "tests"
    own = {path.name for path in tests.glob(f"test_{domain}_*.py")}
    example = {path.name for path in tests.glob("test_items_*.py")}
    assert own == {name.replace("items", domain) for name in example}
    chosen = sorted(own | {name for name in EDGE if (tests / name).exists()})
    project.run("pytest", *(f"tests/{name}" for name in chosen))


def test_a_domain_comes_and_goes(project: Project, code_variant: Answers) -> None:
    """All that is left of it are two revisions; then the example can go as well."""
    before, known = files(project), revisions(project)
    is_paired = code_variant in pairwise(CODE_VARIANTS)
    name = NAMES[CODE_VARIANTS.index(code_variant) % len(NAMES)]
    domain = name[0].replace("-", "_")
    project.run("poe", "new-domain", *name)
    check_style_and_imports(project)
    if is_paired:
        check_types_and_tests(project, domain)
    project.run("poe", "remove-domain", domain, "--yes")
    assert files(project) == before
    new = {
        path.split("-", 1)[1].split("_", 1)[1] for path in revisions(project) - known
    }
    assert new == {f"create_{domain}.py", f"drop_{domain}.py"}
    if is_paired:
        project.run("poe", "remove-domain", "items", "--yes")
        check_style_and_imports(project)


@pytest.mark.parametrize("answers", each_answer(CODE_VARIANTS), ids=variant_id)
def test_a_service_without_a_domain_passes_everything(
    render: Render, answers: Answers, shared: Path
) -> None:
    project = installed(render(answers), shared)
    project.run("poe", "remove-domain", "items", "--yes")
    assert not [name for name in files(project) if "items" in name]
    assert " passed" in project.run("poe", "check")


def test_what_fails_changes_nothing(render: Render, shared: Path) -> None:
    project = installed(render(), shared)
    commit(project.folder)
    broken = project.folder / "migrations" / "versions" / "broken.py"
    broken.write_text(BROKEN_REVISION)
    before = files(project), revisions(project)
    for command, reason in {
        ("new-domain", "items"): "app/items exists already",
        ("new-domain", "people"): "--singular",
        ("new-domain", "orders", "--like", "nothing"): "There is no domain",
        ("new-domain", "orders"): "Nothing was changed, because",
        ("remove-domain", "items"): "Nothing was changed: say --yes",
        ("remove-domain", "items", "--yes"): "Nothing was changed, because",
        ("remove-domain", "users", "--yes"): "needs it",
    }.items():
        result = attempt(
            *("uv", "run", "--no-sync", "poe", *command),
            cwd=project.folder,
            **project.variables,
        )
        assert result.returncode
        assert reason in result.stderr
        assert (files(project), revisions(project)) == before


def test_a_domain_is_made_like_another_one(render: Render, shared: Path) -> None:
    """As that is now: a field, a file and a test of the team's own come along."""
    project = installed(render(), shared)
    project.run("poe", "new-domain", "people", "--singular", "person")
    people = project.folder / "app" / "people"
    models = (people / "models.py").read_text()
    column = "    nickname: Mapped[str | None]\n"
    (people / "models.py").write_text(models + column)
    (people / "greetings.py").write_text(
        '"""Words for people."""\n\nPEOPLE = "people"\n'
    )
    project.run("poe", "revision", "add nicknames")
    project.run("poe", "new-domain", "order-lines", "--like", "people")
    copy = project.folder / "app" / "order_lines"
    assert column in (copy / "models.py").read_text()
    assert 'ORDER_LINES = "order_lines"' in (copy / "greetings.py").read_text()
    check_style_and_imports(project)
    check_types_and_tests(project, "order_lines")
