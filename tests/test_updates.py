"""``copier update``: from every release, with what people have done meanwhile."""

from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from tests.contract import changed_migrations, lost_paths
from tests.edits import make_it_theirs
from tests.matrix import (
    ROOT,
    Answers,
    code_variants,
    pairwise,
    variant_id,
)
from tests.switches import changes, each_switch, switches
from tests.updates import (
    PRESENT,
    RELEASES,
    Files,
    commit_all,
    conflicts,
    contents,
    copy,
    expected,
    start,
    update,
)

Fresh = Callable[[Answers], Files]
OLDEST, *_, LAST = RELEASES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the ways of updates; ``--edges`` takes all of them.

    Without it, one project that nobody has changed is enough: of an edited one, all
    other files are compared, too.
    """
    few = pairwise(code_variants())
    every = few if metafunc.config.getoption("--quick") else code_variants()
    edges = metafunc.config.getoption("--edges")
    everywhere = [(version, one) for version in RELEASES for one in every]
    likely = [*((LAST, one) for one in every), *((OLDEST, one) for one in few)]
    if "way" in metafunc.fixturenames:
        edited = "edited" in metafunc.function.__name__
        chosen = everywhere if edges else likely if edited else [(LAST, few[0])]
        ids = [f"{version}-{variant_id(one)}" for version, one in chosen]
        metafunc.parametrize("way", chosen, ids=ids)
    if "switch" in metafunc.fixturenames:
        between = (switches if edges else each_switch)(code_variants())
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
