"""What an update loses or hides, and what shows it: the table in the guide."""

import os
import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import attempt
from tests.faster import run_recopy
from tests.guides import blocks, page
from tests.test_update_guide import two_versions
from tests.updates import commit_all, git, make_repository, start, update

# Of any kind, and with any name.
OWN = {"logo.png": bytes(range(256)), "docs/a b.md": b"a\n", "docs/\u00fc.md": b"b\n"}
GIVEN_UP = "app/core/etags/etags.py"
MIGRATION = "migrations/versions/2026_11_21_0000-4a1f0c7e9b52_create_items.py"


@pytest.fixture(scope="module")
def repository(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template whose newest version changes, adds and gives up files.

    One of them it gives up in some variants only.
    """
    repository = two_versions(template, tmp_path_factory.mktemp("repository"))
    folder = repository / "template"
    for name in ("CONTRIBUTING.md", "docs/decisions/README.md"):
        with (folder / f"{name}.jinja").open("a") as file:
            file.write("\nChanged.\n")
    (folder / "docs" / "hidden.md").write_text("# Hidden\n")
    config = repository / "copier.yml"
    feature = "    redis:\n      true:\n"
    assert feature in config.read_text()
    listed = f"{feature}        - SECURITY.md\n"
    config.write_text(config.read_text().replace(feature, listed))
    commit_all(repository, "1.2.0")
    git("tag", "1.2.0", cwd=repository)
    return repository


@pytest.fixture
def project(repository: Path, workspace: Path) -> Path:
    """A project from the first version."""
    project = workspace / "company" / "shop"
    start(repository, project, "1.0.0", {})
    return project


@pytest.fixture(scope="module")
def updated(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project where people have done a lot, in the newest version."""
    project = tmp_path_factory.mktemp("updated") / "shop"
    start(repository, project, "1.0.0", {})
    for name, content in OWN.items():
        (project / name).write_bytes(content)
    (project / "CLAUDE.md").symlink_to("AGENTS.md")
    (project / "LICENSE").chmod(0o755)
    (project / "CONTRIBUTING.md").rename(project / "docs" / "guide.md")
    for name in ("CHANGELOG.md", MIGRATION, "docs/decisions/README.md"):
        (project / name).unlink()
    for name in (GIVEN_UP, ".gitignore"):
        with (project / name).open("a") as file:
            file.write("\n# Ours\nhidden.md\n")
    (project / "docs" / "shops.md").write_text("# Our shops\n")
    commit_all(project, "Our work")
    (project / "docs" / "hidden.md").write_text("# Our secrets\n")
    update(project)
    return project


def status(project: Path) -> dict[str, str]:
    """Return what git says about each file that is not as it was committed."""
    lines = git("status", "--short", ".", cwd=project).splitlines()
    return {line[3:]: line[:2].strip() for line in lines}


def test_files_of_the_owner_are_kept(updated: Path) -> None:
    assert {name: (updated / name).read_bytes() for name in OWN} == OWN
    assert (updated / "LICENSE").stat().st_mode & 0o111
    assert (updated / "CLAUDE.md").is_symlink()
    assert status(updated).keys().isdisjoint({*OWN, "LICENSE", "CLAUDE.md"})


def test_files_removed_by_the_template_are_deleted(updated: Path) -> None:
    """Git has it, with the edits."""
    assert not (updated / GIVEN_UP).exists()
    gone = git("diff", "--diff-filter=D", "--name-only", cwd=updated)
    assert gone == f"SECURITY.md\n{GIVEN_UP}\n"
    assert "# Ours" in git("show", f"HEAD:{GIVEN_UP}", cwd=updated)


def test_renamed_and_deleted_files_get_no_changes(updated: Path) -> None:
    """The edit stays, and changes of the template there are not reported."""
    assert "Changed." not in (updated / "docs" / "guide.md").read_text()
    names = {"CONTRIBUTING.md", "docs/guide.md", "docs/decisions/README.md"}
    assert status(updated).keys().isdisjoint(names)


def test_deleted_changelog_and_migrations_come_back(updated: Path) -> None:
    assert status(updated)["CHANGELOG.md"] == status(updated)[MIGRATION] == "??"


def test_files_removed_from_some_variants_are_deleted(updated: Path) -> None:
    """An update deletes them in these variants."""
    assert status(updated)["SECURITY.md"] == "D"


def test_file_added_by_both_has_a_conflict(updated: Path) -> None:
    assert status(updated)["docs/shops.md"] == "UU"
    assert "# Our shops\n=======\n# Shops\n" in (updated / "docs/shops.md").read_text()


def test_ignored_files_are_overwritten(updated: Path) -> None:
    """Git does not know these files, so nothing protects them."""
    assert (updated / "docs" / "hidden.md").read_text() == "# Hidden\n"
    assert "docs/hidden.md" not in status(updated)


def test_a_folder_of_a_repository(project: Path) -> None:
    (project / ".git").rename(project.parent / ".git")
    (project / "AGENTS.md").write_text("Ours.\n")
    commit_all(project, "Move")
    update(project)
    assert (project / "AGENTS.md").read_text() == "Ours.\n"
    assert status(project)["CONTRIBUTING.md"] == "M"


def test_uncommitted_changes_prevent_an_update(project: Path) -> None:
    (project / "draft.md").write_text("")
    result = attempt("copier", "update", "--defaults", cwd=project)
    assert result.returncode != 0
    assert "commit or stash" in result.stderr
    assert status(project) == {"draft.md": "??"}


def test_edited_answers_are_believed(project: Path) -> None:
    """Copier believes the answers and leaves the files as they are."""
    answers, licence = project / ".copier-answers.yml", project / "LICENSE"
    answers.write_text(answers.read_text().replace("MIT", "Apache-2.0"))
    before = licence.read_text()
    assert "do not edit" in answers.read_text()
    commit_all(project, "Edit")
    update(project)
    assert "license: Apache-2.0" in answers.read_text()
    assert licence.read_text() == before


def test_conflicts_that_git_status_hides(project: Path) -> None:
    """The template's line replaces the project's; only a file and a command show it."""
    errors = project / "app" / "items" / "exceptions.py"
    errors.write_text(errors.read_text().replace("There is", "We have"))
    commit_all(project, "Speak as we do")
    git("config", "status.showUntrackedFiles", "no", cwd=project)
    result = attempt("copier", "update", "--defaults", cwd=project)
    assert result.returncode == 0
    assert "We have" not in errors.read_text()
    assert git("diff", "--check", cwd=project) == ""
    asked = re.search(r"git (ls-files .*?)  ", result.stderr)
    assert asked
    listed = git(*shlex.split(asked[1]), cwd=project)
    assert listed == "app/items/exceptions.py.rej\n"


def test_conflicts_when_git_status_shows_all(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the guide says to do against a setting of the user."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(project.parent / "gitconfig"))
    git("config", "--global", "status.showUntrackedFiles", "no", cwd=project)
    errors = project / "app" / "items" / "exceptions.py"
    errors.write_text(errors.read_text().replace("There is", "We have"))
    commit_all(project, "Speak as we do")
    (advice,) = (
        command
        for block in blocks(page("update.md"))
        for command, _ in block.commands()
        if command.startswith("git config")
    )
    git(*advice.split()[1:], cwd=project)
    update(project)
    assert "We have" in errors.read_text()
    assert status(project)["app/items/exceptions.py"] == "UU"


def test_recopy_overwrites_edits(project: Path) -> None:
    readme = project / "README.md"
    before = readme.read_text()
    readme.write_text(before + "Ours.\n")
    commit_all(project, "Edit")
    asked = attempt("copier", "recopy", "--defaults", cwd=project)
    assert asked.returncode != 0
    assert "Ours." in readme.read_text()
    run_recopy(project, defaults=True, overwrite=True, quiet=True)
    assert "Ours." not in readme.read_text()


def test_project_of_an_uncommitted_template_cannot_be_updated(
    repository: Path, workspace: Path
) -> None:
    """Its version exists nowhere."""
    checkout = workspace / "checkout"
    git("clone", "--quiet", repository, checkout, cwd=workspace)
    (checkout / "draft.md").write_text("")
    command = ("copier", "copy", "--defaults", "--vcs-ref=HEAD", checkout, "shop")
    made = attempt(*command, cwd=workspace)
    assert "Dirty template changes included" in made.stderr
    make_repository(workspace / "shop")
    failed = attempt("copier", "update", "--defaults", cwd=workspace / "shop")
    assert failed.returncode != 0


def test_template_at_a_relative_path_is_not_found(
    repository: Path, workspace: Path
) -> None:
    """Another folder has another template there, or none."""
    path = os.path.relpath(repository, workspace)
    attempt("copier", "copy", "--defaults", path, "shop", cwd=workspace)
    make_repository(workspace / "shop")
    failed = attempt("copier", "update", "--defaults", cwd=workspace / "shop")
    assert failed.returncode != 0
