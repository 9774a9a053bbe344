"""``copier update``: from every release, with what people have done meanwhile."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from filelock import FileLock

from tests.conftest import Render, attempt, commit
from tests.contract import changed_migrations, lost_paths
from tests.edits import make_it_theirs
from tests.matrix import (
    ROOT,
    Answers,
    changes,
    code_variants,
    each_switch,
    pairwise,
    switches,
    variant_id,
)
from tests.updates import (
    PRESENT,
    RELEASES,
    Files,
    commit_all,
    conflicts,
    contents,
    copy,
    expected,
    git,
    start,
    update,
)

Fresh = Callable[[Answers], Files]
OLDEST, *_, LAST = RELEASES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the ways of updates; ``--edges`` takes all of them.

    Without it, there are none for projects that nobody has changed: an edited project
    is compared in all files, too.
    """
    every, few = code_variants(), pairwise(code_variants())
    edges = metafunc.config.getoption("--edges")
    everywhere = [(version, one) for version in RELEASES for one in every]
    likely = [*((LAST, one) for one in every), *((OLDEST, one) for one in few)]
    if "way" in metafunc.fixturenames:
        edited = "edited" in metafunc.function.__name__
        chosen = everywhere if edges else likely if edited else [(LAST, few[0])]
        ids = [f"{version}-{variant_id(one)}" for version, one in chosen]
        metafunc.parametrize("way", chosen, ids=ids)
    if "switch" in metafunc.fixturenames:
        between = switches(every) if edges else each_switch(every)
        ids = [f"{variant_id(one)}-to-{variant_id(two)}" for one, two in between]
        metafunc.parametrize("switch", between, ids=ids)


@pytest.fixture
def fresh(releases: Path, shared: Path) -> Fresh:
    """Renders a project from the present template, once for all tests."""

    def fresh(answers: Answers) -> Files:
        folder = shared / "fresh" / variant_id(answers)
        with FileLock(shared / f"fresh-{folder.name}.lock"):
            if not folder.exists():
                copy(releases, folder, PRESENT, answers)
        return contents(folder)

    return fresh


def test_untouched(
    releases: Path, workspace: Path, fresh: Fresh, way: tuple[str, Answers]
) -> None:
    """A project that nobody has changed becomes a new one."""
    version, answers = way
    project = workspace / "project"
    start(releases, project, version, answers)
    update(project)
    assert contents(project) == fresh(answers)


def test_edited(
    releases: Path, workspace: Path, fresh: Fresh, way: tuple[str, Answers]
) -> None:
    """All edits stay, all else is new, nothing is in conflict, and nothing is lost."""
    version, answers = way
    project = workspace / "project"
    start(releases, project, version, answers)
    old = contents(project)
    make_it_theirs(project)
    commit_all(project, "Give items a price")
    theirs = contents(project)
    update(project)
    result = contents(project)
    new = fresh(answers)
    assert result == expected(old, theirs, new)
    assert lost_paths(old, new) == changed_migrations(old, new) == set()
    assert conflicts(result) == set()


def test_switched(
    releases: Path, workspace: Path, fresh: Fresh, switch: tuple[Answers, Answers]
) -> None:
    """Another answer gives what it would have given at first, and all edits stay."""
    before, after = switch
    changed = changes(before, after)
    project = workspace / "project"
    start(releases, project, PRESENT, before)
    old = contents(project)
    make_it_theirs(project)
    commit_all(project, "Give items a price")
    theirs = contents(project)
    update(project, changed)
    result = contents(project)
    wanted = expected(old, theirs, with_its_past(fresh(after), old, changed))
    assert result == wanted
    assert conflicts(result) == set()


def with_its_past(new: Files, old: Files, changed: Answers) -> Files:
    """Add what only a project has that once had users: its migrations."""
    if changed.get("auth") != "none":
        return new
    answers = ".copier-answers.yml"
    past = new[answers]
    for name in (b"had_auth", b"gave_up_auth"):
        past = past.replace(name + b": false", name + b": true")
    (create,) = (path for path in old if path.endswith("create_users.py"))
    (drop,) = (ROOT / "template").glob("migrations/versions/*drop_users.py")
    path = f"migrations/versions/{drop.name}"
    return new | {answers: past, create: old[create], path: drop.read_bytes()}


def test_the_guide(
    template: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Type all of it, up to the chapter on migrations, and see the same."""
    project = workspace / "shop"
    start(two_versions(template, workspace), project, "1.0.0", {})
    errors = project / "app" / "items" / "exceptions.py"
    errors.write_text(errors.read_text().replace("There is", "We have"))
    commit_all(project, "Speak as we do")
    monkeypatch.setenv("GIT_PAGER", "cat")
    text = (ROOT / "docs" / "update.md").read_text().partition("\n## Migrations")[0]
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for command, shown in re.findall(
            r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE
        ):
            typed = command.removeprefix("uvx ")
            result = attempt("bash", "-c", f"{typed} 2>&1", cwd=project)
            said = result.stdout.strip()
            assert (command, said) == (command, shown.strip())
    text = errors.read_text()
    assert "We have no such item." in text
    assert "after updating" not in text
    git("reset", "--quiet", "--hard", cwd=project)
    git("clean", "--quiet", "--force", "-d", cwd=project)
    assert git("status", "--short", cwd=project) == ""


def two_versions(template: Path, workspace: Path) -> Path:
    """Tag the template, change it, and tag it again."""
    repository = workspace / "template"
    shutil.copytree(template, repository)
    git("init", "--quiet", cwd=repository)
    commit_all(repository, "1.0.0")
    git("tag", "1.0.0", cwd=repository)
    folder = repository / "template"
    errors = folder / "app" / "{{ at.items_exceptions }}.py"
    said = errors.read_text().replace(
        "There is no such item", "This item does not exist"
    )
    errors.write_text(said)
    (folder / "docs" / "shops.md").write_text("# Shops\n")
    (folder / "app" / "core" / "etags.py").unlink()
    commit_all(repository, "1.1.0")
    git("tag", "1.1.0", cwd=repository)
    return repository


def test_no_mark_of_a_conflict_is_committed(render: Render) -> None:
    """Not even in a text, of which no tool knows what it should be."""
    project = render()
    commit(project)
    hooks = yaml.safe_load((project / ".pre-commit-config.yaml").read_text())
    (hook,) = (one for one in hooks["repos"][0]["hooks"] if one["id"] == "conflicts")
    readme = project / "README.md"
    for text, code in (("ours \n\n", 0), ("<<<<<<< before updating\n", 2)):
        readme.write_text(readme.read_text() + text)
        git("add", "--all", cwd=project)
        assert attempt(*hook["entry"].split(), cwd=project).returncode == code
