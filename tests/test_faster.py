"""The shortcuts of ``tests.faster`` change nothing in a project."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import copier

from tests import faster
from tests.edits import contradict, make_it_theirs
from tests.updates import (
    LATER,
    PRESENT,
    Files,
    commit_all,
    contents,
    git,
    make_repository,
)

Command = Callable[..., Any]


def test_a_project_is_the_same_without_shortcuts(
    releases: Path, workspace: Path
) -> None:
    plain = made_by(copier.run_copy, copier.run_update, releases, workspace / "plain")
    fast = made_by(faster.run_copy, faster.run_update, releases, workspace / "fast")
    assert fast == plain


def made_by(
    copy: Command, update: Command, releases: Path, folder: Path
) -> tuple[Files, Files, str]:
    """Return a new project, the same after edits and an update, and git's index."""
    options: dict[str, Any] = {"defaults": True, "quiet": True}
    copy(str(releases), folder, vcs_ref=PRESENT, **options)
    new = contents(folder)
    make_repository(folder)
    make_it_theirs(folder)
    contradict(folder / "README.md", b"Changed.\n" + new["README.md"])
    commit_all(folder, "Our work")
    update(folder, vcs_ref=LATER, data={"redis": True}, overwrite=True, **options)
    return new, contents(folder), git("ls-files", "--stage", cwd=folder)
