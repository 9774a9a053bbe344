"""The guide to updates shows real output, and hooks refuse to commit conflicts."""

import shlex
import shutil
from pathlib import Path

import pytest
import yaml

from tests.conftest import Render, attempt
from tests.guides import blocks, page
from tests.updates import commit_all, git, make_repository, start


def test_the_guide(
    template: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Type all of it, and see the same."""
    project = workspace / "shop"
    start(two_versions(template, workspace), project, "1.0.0", {})
    errors = project / "app" / "items" / "exceptions.py"
    errors.write_text(errors.read_text().replace("There is", "We have"))
    commit_all(project, "Speak as we do")
    monkeypatch.setenv("GIT_PAGER", "cat")
    conflict, others = page("update.md").split("\n## Migrations")
    type_all(conflict, project)
    text = errors.read_text()
    assert "We have no such item." in text
    assert "after updating" not in text
    commit_all(project, "Follow the template")
    type_all(others, project)
    assert (project / "app" / "core" / "cache" / "cache.py").exists()
    git("reset", "--quiet", "--hard", cwd=project)
    git("clean", "--quiet", "--force", "-d", cwd=project)
    assert git("status", "--short", cwd=project) == ""


def type_all(text: str, project: Path) -> None:
    """Type the commands of a part of the page, and see what it shows."""
    for block in blocks(text):
        for command, shown in block.commands():
            typed = command.removeprefix("uvx ")
            result = attempt("bash", "-c", f"{typed} 2>&1", cwd=project)
            said = result.stdout.strip()
            assert result.returncode == (2 if "marker" in said else 0)
            if shown or command.startswith("git"):
                assert (command, said) == (command, shown.strip())


def two_versions(template: Path, workspace: Path) -> Path:
    """Tag the template, change it, and tag it again."""
    repository = workspace / "template"
    shutil.copytree(template, repository)
    make_repository(repository, "1.0.0")
    git("tag", "1.0.0", cwd=repository)
    folder = repository / "template"
    errors = folder / "app" / "{{ at.items_exceptions }}.py"
    said = errors.read_text().replace(
        "There is no such item", "This item does not exist"
    )
    errors.write_text(said)
    (folder / "docs" / "shops.md").write_text("# Shops\n")
    (folder / "app" / "core" / "etags" / "etags.py").unlink()
    commit_all(repository, "1.1.0")
    git("tag", "1.1.0", cwd=repository)
    return repository


def test_no_conflict_is_committed(render: Render) -> None:
    """Not even in a text, of which no tool knows what it should be."""
    project = render()
    make_repository(project)
    hooks = yaml.safe_load((project / ".pre-commit-config.yaml").read_text())
    (hook,) = (one for one in hooks["repos"][0]["hooks"] if one["id"] == "conflicts")
    command = shlex.split(hook["entry"])
    readme = project / "README.md"
    before = readme.read_text()
    for text, code in (("ours \n\n", 0), ("<<<<<<< before updating\n", 2)):
        readme.write_text(before + text)
        git("add", "--all", cwd=project)
        assert attempt(*command, cwd=project).returncode == code
    git("reset", "--quiet", "--hard", cwd=project)
    (project / "docs" / "http.md.rej").touch()
    git("config", "status.showUntrackedFiles", "no", cwd=project)
    refused = attempt(*command, cwd=project)
    assert refused.returncode == 1
    assert refused.stdout == "docs/http.md.rej\n"
