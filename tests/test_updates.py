"""``copier update``: from every release, with what people have done meanwhile."""

from collections.abc import Callable, Sequence
from itertools import permutations
from pathlib import Path

import pytest
import yaml
from filelock import FileLock

from tests.contract import changed_migrations, lost_paths
from tests.edits import contradict, head, make_it_theirs
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

# Each changes an answer. Upper case is before lower case.
SWITCHES: dict[str, Answers] = {
    "A": {"auth": "jwt"},
    "a": {"auth": "none"},
    "J": {"jobs": True},
    "j": {"jobs": False},
}
# Than migrations and answers.
OTHER_FILES = [
    f"/{path.name.removesuffix('.jinja')}"
    for path in (ROOT / "template").iterdir()
    if path.name != "migrations" and "answers" not in path.name
]


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
    if "order" in metafunc.fixturenames:
        orders = [one for one in sorted(set(permutations("AaJj"))) if is_possible(one)]
        orders = orders if edges else orders[1::3]
        metafunc.parametrize("order", orders, ids="".join)


def is_possible(order: Sequence[str]) -> bool:
    """Tell whether a project with users or jobs never gets them again."""
    return order.index("A") < order.index("a") and order.index("J") < order.index("j")


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
    if "auth" in changed or "jobs" in changed:
        past = workspace / "past"
        new = rendered_with_its_past(releases, past, newer, old, changed)
    else:
        new = fresh(newer, after)
    wanted = expected(old, theirs, new)
    assert result == wanted
    assert conflicts(result) == ({"app/settings.py"} if "auth" in changed else set())


def test_each_migration_follows_the_one_before(
    releases: Path, workspace: Path, order: Sequence[str]
) -> None:
    """Users and jobs come and go in any order; one head remains."""
    project = workspace / "project"
    start(releases, project, PRESENT, {"auth": "none", "jobs": False}, OTHER_FILES)
    for switch in order:
        old = contents(project / "migrations" / "versions")
        update(project, SWITCHES[switch], PRESENT, OTHER_FILES)
        commit_all(project, "Change an answer")
        new = contents(project / "migrations" / "versions")
        assert new.items() > old.items()
        (added,) = new.keys() - old.keys()
        assert head(project) in added


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


def rendered_with_its_past(
    releases: Path, folder: Path, version: str, old: Files, changed: Answers
) -> Files:
    """Render what a new project cannot have: the past of one with other answers."""
    stored = yaml.safe_load(old[".copier-answers.yml"]) | changed
    for name, created, dropped in (
        ("auth", "b7c2d1e8f340", "e91f6a20d4b8"),
        ("jobs", "5d27a9c4e81b", "8be3f0d6172c"),
    ):
        if name in changed:
            gave_up = changed[name] in {"none", False}
            stored |= {f"had_{name}": True, f"gave_up_{name}": gave_up}
            new = dropped if gave_up else created
            stored["revisions"] = f"{stored['revisions']} {new}".strip()
    answers = {name: stored[name] for name in stored if not name.startswith("_")}
    copy(releases, folder, version, answers)
    return contents(folder)
