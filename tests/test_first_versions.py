"""Projects of versions before 0.3.0 are refused, before anything is written."""

from pathlib import Path

import pytest

from tests.conftest import attempt
from tests.updates import REFUSED, contents, git, start

# A commit between 0.2.0 and 0.3.0, which was never offered.
UNRELEASED = "b7bac72ab244f6f2beab7e8cf8917e51eae1e9d0"
MESSAGE = "This project was made before version 0.3.0 of the template"
ADVICE = "create a new one in another folder with `copier copy`"


@pytest.mark.parametrize("version", [*REFUSED, UNRELEASED])
def test_no_command_updates_a_project_of_a_version_before_0_3_0(
    releases: Path, workspace: Path, version: str
) -> None:
    project = workspace / "project"
    start(releases, project, version, {})
    (project / ".env").write_text("APP_NAME=Ours\n")
    before = contents(project)
    for command in (
        ("update", "--defaults"),
        ("update", "--skip-answered"),
        ("update", "--defaults", "--data=redis=true"),
        ("recopy", "--defaults", "--force"),
        ("copy", "--defaults", "--force", releases, "."),
    ):
        result = attempt("copier", *command, cwd=project)
        assert result.returncode != 0
        assert MESSAGE in result.stderr
        assert ADVICE in result.stderr
        assert contents(project) == before
        assert git("status", "--short", "--ignored", cwd=project) == "!! .env\n"
