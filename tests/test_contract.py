"""Nothing released disappears without a note; test_updates looks at the paths."""

from copy import deepcopy
from pathlib import Path

import yaml

from tests.contract import (
    EXCEPTIONS,
    changed_migrations,
    lost_answers,
    lost_paths,
)
from tests.matrix import CONFIG, ROOT
from tests.updates import PRESENT, RELEASES, git


def test_all_answers_of_the_last_release_can_still_be_given(releases: Path) -> None:
    """Until there is a release, the present files stand for it."""
    last = [PRESENT, *RELEASES][-1]
    before = yaml.safe_load(git("show", f"{last}:copier.yml", cwd=releases))
    assert lost_answers(before, CONFIG) == set()


def test_removed_answers_and_paths_are_noticed() -> None:
    after = deepcopy(CONFIG)
    after["cache"] = after.pop("redis")
    del after["license"]["choices"]["MIT (do what you like, keep the notice)"]
    after["python_version"]["choices"].remove("3.11")
    del after["original_layout"]
    assert lost_answers(CONFIG, after) == {
        "original_layout",
        "license=MIT",
        "python_version=3.11",
        "redis",
        "redis=False",
        "redis=True",
    }
    path = "migrations/versions/1_a.py"
    assert lost_paths({path: b"a", "app/main.py": b""}, {path: b"b"}) == {"app/main.py"}
    assert changed_migrations({path: b"a"}, {path: b"b"}) == {path}


def test_changelog_contains_the_notes_of_all_exceptions() -> None:
    changelog = " ".join((ROOT / "CHANGELOG.md").read_text().split())
    notes = [note for group in EXCEPTIONS.values() for note in group.values()]
    assert [note for note in notes if note not in changelog] == []
