"""``copier update``: from every release, with what people have done meanwhile."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from filelock import FileLock

from tests.contract import changed_migrations, lost_paths
from tests.edits import contradict, make_it_theirs
from tests.matrix import (
    ROOT,
    Answers,
    code_variants,
    pairwise,
    variant_id,
)
from tests.switches import (
    Switch,
    Way,
    all_switches,
    all_ways,
    changes,
    likely_switches,
    likely_ways,
    other_texts,
)
from tests.updates import (
    LATER,
    MOVED,
    PRESENT,
    Files,
    commit_all,
    conflicts,
    contents,
    copy,
    expected,
    git,
    start,
    successor,
    update,
)

Fresh = Callable[[str, Answers], Files]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the ways of updates; ``--edges`` takes all of them."""
    edges = metafunc.config.getoption("--edges")
    every = code_variants()
    if metafunc.config.getoption("--quick"):
        every = pairwise(every)
    if "way" in metafunc.fixturenames:
        edited = "edited" in metafunc.function.__name__
        chosen = all_ways(every) if edges else likely_ways(every, edited=edited)
        ids = [f"{version}-{variant_id(one)}" for version, one in chosen]
        metafunc.parametrize("way", chosen, ids=ids)
    if "switch" in metafunc.fixturenames:
        between = all_switches() if edges else likely_switches()
        ids = [
            f"{old}-to-{new}-{variant_id(before)}-to-{variant_id(after)}"
            for old, new, before, after in between
        ]
        metafunc.parametrize("switch", between, ids=ids)


@pytest.fixture
def fresh(releases: Path, shared: Path) -> Fresh:
    """Renders a project from a version of the template, once for all tests."""

    def fresh(version: str, answers: Answers) -> Files:
        folder = shared / "fresh" / f"{version}-{variant_id(answers)}"
        with FileLock(shared / f"fresh-{folder.name}.lock"):
            if not folder.exists():
                copy(releases, folder, version, answers)
        return contents(folder)

    return fresh


def test_update_of_an_unchanged_project(
    releases: Path, workspace: Path, fresh: Fresh, way: Way
) -> None:
    """A project without edits becomes a newly rendered one."""
    version, answers = way
    project = workspace / "project"
    start(releases, project, version, answers)
    newer = successor(version)
    update(project, version=newer)
    assert contents(project) == fresh(newer, answers)


def test_update_of_an_edited_project(
    releases: Path, workspace: Path, fresh: Fresh, way: Way
) -> None:
    """All edits stay, all else is new, nothing is lost, and conflicts are marked."""
    version, answers = way
    project = workspace / "project"
    newer = successor(version)
    new = fresh(newer, answers)
    old, theirs = start_and_edit(releases, project, version, answers, new["README.md"])
    update(project, version=newer)
    result = contents(project)
    assert result == expected(old, theirs, new)
    assert lost_paths(old, new) == (MOVED.keys() if newer == LATER else set())
    assert changed_migrations(old, new) == set()
    assert conflicts(result) == {"README.md"}
    assert git("diff", "--name-only", "--diff-filter=U", cwd=project) == "README.md\n"


def test_update_with_another_answer(
    releases: Path,
    workspace: Path,
    fresh: Fresh,
    switch: Switch,
) -> None:
    """Another answer gives what it would have given at first, and all edits stay.

    Accounts bring a group of settings, next to that of the project.
    """
    version, newer, before, after = switch
    changed = changes(before, after)
    project = workspace / "project"
    old, theirs = start_and_edit(releases, project, version, before)
    update(project, changed, newer)
    result = contents(project)
    wanted = expected(old, theirs, with_its_past(fresh(newer, after), old, changed))
    assert result == wanted
    assert conflicts(result) == ({"app/settings.py"} if "auth" in changed else set())


def test_all_texts_change_and_change_back(
    releases: Path, workspace: Path, fresh: Fresh
) -> None:
    answers, texts = code_variants()[0], other_texts()
    project = workspace / "project"
    old, theirs = start_and_edit(releases, project, PRESENT, answers)
    update(project, texts, PRESENT)
    result = contents(project)
    assert result == expected(old, theirs, fresh(PRESENT, answers | texts))
    assert conflicts(result) == set()
    commit_all(project, "Speak otherwise")
    before = yaml.safe_load(old[".copier-answers.yml"])
    update(project, {name: before[name] for name in texts}, PRESENT)
    assert contents(project) == theirs


def start_and_edit(
    releases: Path,
    project: Path,
    version: str,
    answers: Answers,
    readme: bytes | None = None,
) -> tuple[Files, Files]:
    """Return the files as they were rendered, and with edits; perhaps in conflict."""
    start(releases, project, version, answers)
    old = contents(project)
    make_it_theirs(project)
    if readme:
        contradict(project / "README.md", readme)
    commit_all(project, "Give items a price")
    return old, contents(project)


def with_its_past(new: Files, old: Files, changed: Answers) -> Files:
    """Add what only a project has that once had users or jobs: their migrations."""
    if changed.get("auth") == "none":
        name, tables = b"auth", "users"
    elif changed.get("jobs") is False:
        name, tables = b"jobs", "background_jobs"
    else:
        return new
    answers = ".copier-answers.yml"
    past = new[answers]
    for prefix in (b"had_", b"gave_up_"):
        past = past.replace(prefix + name + b": false", prefix + name + b": true")
    (create,) = (path for path in old if path.endswith(f"create_{tables}.py"))
    (drop,) = (ROOT / "template").glob(f"migrations/versions/*drop_{tables}.py")
    path = f"migrations/versions/{drop.name}"
    return new | {answers: past, create: old[create], path: drop.read_bytes()}
