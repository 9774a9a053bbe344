"""``copier copy`` gives the same through pytest-copier and as people type it."""

from pathlib import Path

import pytest
from pytest_copier.plugin import CopierFixture

from tests.conftest import run
from tests.matrix import ROOT, Answers


@pytest.fixture(scope="session")
def copier_template_root() -> Path:
    """The template, for pytest-copier."""
    return ROOT


@pytest.fixture(scope="session")
def copier_template_paths() -> list[str]:
    """The part of the repository that Copier reads."""
    return ["copier.yml", "template"]


def test_copy(copier: CopierFixture, workspace: Path, some_variant: Answers) -> None:
    project = copier.copy(workspace / "plugin", **some_variant)
    assert {name: project.answers[name] for name in some_variant} == some_variant
    data = [
        f"--data={name}={str(value).lower() if isinstance(value, bool) else value}"
        for name, value in some_variant.items()
    ]
    typed = workspace / "typed"
    run("copier", "copy", "--defaults", *data, copier.template, typed, cwd=workspace)
    project.assert_equal(typed)
