"""Schemathesis finds nothing that a project answers wrongly, and would find it."""

from pathlib import Path

from tests.conftest import Render
from tests.matrix import Answers
from tests.test_projects import installed

FEW = ("--max-examples", "3")


def test_nothing_is_found(
    render: Render, fuzzed_variant: Answers, shared: Path
) -> None:
    project = installed(render(fuzzed_variant), shared)
    output = project.run("poe", "fuzz", *FEW)
    # As a stranger, and as somebody who has logged in.
    runs = 2 if fuzzed_variant["auth"] == "jwt" else 1
    assert output.count("No issues found") == runs


def test_what_is_broken_is_found(render: Render, shared: Path) -> None:
    """With a page that begins behind all that PostgreSQL can count."""
    project = installed(render({"auth": "none"}), shared)
    pagination = project.folder / "app" / "core" / "pagination.py"
    pagination.write_text(pagination.read_text().replace(", le=MAX_OFFSET", ""))
    one = ("--include-operation-id", "list_items", "--phases", "coverage")
    found = project.attempt("poe", "fuzz", *one)
    assert found.returncode != 0
    assert "Server error" in found.stdout
