"""Domains come and go by command, in every variant."""

from pathlib import Path

import pytest

from tests.conftest import Render, attempt
from tests.matrix import Answers, code_variants, each_answer, variant_id
from tests.test_projects import Project, installed

# A regular name, one of two words, and one that English makes irregular.
NAMES = (
    ["orders"],
    ["order-lines"],
    ["people", "--singular", "person"],
)
EVERY_ANSWER = each_answer(code_variants())


@pytest.fixture
def project(render: Render, code_variant: Answers, shared: Path) -> Project:
    """The project of a variant, with its packages installed."""
    return installed(render(code_variant), shared)


def files(project: Project) -> dict[str, bytes]:
    """Return what is in a project, without revisions and what is not its own."""
    return {
        str(path.relative_to(project.folder)): path.read_bytes()
        for top in ("app", "scripts", "tests", "pyproject.toml")
        for path in [project.folder / top, *(project.folder / top).rglob("*")]
        if path.is_file() and "__pycache__" not in path.parts
    }


def revisions(project: Project) -> set[str]:
    return {path.name for path in project.folder.glob("migrations/versions/*.py")}


def check_without_tests(project: Project) -> None:
    project.run("ruff", "format", "--check")
    project.run("ruff", "check")
    project.run("mypy")
    project.run("lint-imports")


def test_a_domain_comes_and_goes(project: Project) -> None:
    """What is left of it are two revisions; then the example goes as well."""
    before = files(project), revisions(project)
    project.run("poe", "new-domain", "orders")
    project.run("poe", "remove-domain", "orders", "--yes")
    assert files(project) == before[0]
    written = {name.partition("_")[2] for name in revisions(project) - before[1]}
    assert {name.split("_", 3)[-1] for name in written} == {
        "create_orders.py",
        "drop_orders.py",
    }
    project.run("poe", "remove-domain", "items", "--yes")
    check_without_tests(project)


def test_a_new_domain_passes_everything(
    render: Render, paired_variant: Answers, shared: Path
) -> None:
    project = installed(render(paired_variant), shared)
    number = sum(map(bool, paired_variant.values()))
    name = NAMES[len(variant_id(paired_variant)) % len(NAMES)]
    assert number
    project.run("poe", "new-domain", *name)
    check_without_tests(project)
    stem = name[0].replace("-", "_")
    own = sorted(path.name for path in project.folder.glob(f"tests/test_{stem}_*.py"))
    like = sorted(path.name for path in project.folder.glob("tests/test_items_*.py"))
    assert own == [one.replace("items", stem) for one in like]
    edge = ["migrations", "openapi", "rate_limits"]
    if paired_variant["auth"] == "jwt":
        edge.append("isolation")
    paths = [*own, *(f"test_{one}.py" for one in edge)]
    project.run("pytest", *(f"tests/{one}" for one in paths))


@pytest.mark.parametrize("answers", EVERY_ANSWER, ids=variant_id)
def test_a_service_without_domains_passes_everything(
    render: Render, answers: Answers, shared: Path
) -> None:
    project = installed(render(answers), shared)
    project.run("poe", "remove-domain", "items", "--yes")
    output = project.run("poe", "check")
    assert " passed" in output
