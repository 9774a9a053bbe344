"""Schemathesis finds nothing that a project answers wrongly, and would find it."""

from pathlib import Path

from tests.conftest import Render
from tests.matrix import Answers
from tests.test_projects import installed

FEW = ("--max-examples", "3")


def test_nothing_is_found(render: Render, last_variant: Answers, shared: Path) -> None:
    project = installed(render(last_variant), shared)
    output = project.run("poe", "fuzz", *FEW)
    # As a stranger, and as somebody who has logged in.
    runs = 2 if last_variant["auth"] == "jwt" else 1
    for phase in ("Coverage", "Fuzzing", "Stateful"):
        assert output.count(f"  ✅ {phase}\n") == runs


def test_what_is_broken_is_found(render: Render, shared: Path) -> None:
    """With an answer that the OpenAPI document does not have."""
    project = installed(render({"auth": "none"}), shared)
    router = project.folder / "app" / "items" / "router.py"
    router.write_text(
        router.read_text().replace("problems(404, 412) | tagged", "tagged")
    )
    one = ("--include-operation-id", "get_item", "--phases", "coverage")
    found = project.attempt("poe", "fuzz", *one)
    assert found.returncode != 0
    assert "Undocumented status code" in found.stdout
