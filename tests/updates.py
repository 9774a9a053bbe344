"""The template with its releases as tags, and the projects made from them."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from tests.faster import run_copy, run_update
from tests.matrix import CONFIG, ROOT, Answers

Files = dict[str, bytes]

# Version → commit, oldest first; none until 0.3.0 is released.
RELEASES: dict[str, str] = yaml.safe_load((ROOT / "releases.yml").read_text())
# Versions that were never offered. Their projects are refused.
REFUSED = {
    "0.1.0": "3956dd316df9b5a182be385b18b7f9677594a167",
    "0.2.0": "3ca44e4f845ac714d4ae25d60bf54ec028cad1a6",
}
# The files of this working tree, as a version after all others.
PRESENT = "999.0.0"
# A release after that, which changes most files.
LATER = "1000.0.0"
# Versions to update from, oldest first: each release to the present files, and these to
# the later release.
ORIGINS = [*RELEASES, PRESENT]
# Suffix of a file → after what in its first such line the later release adds a text.
NEW_LINES = {
    "py": ('(?=""")', "# Changed in a later release.\n"),
    "toml": (r"\[.*\n", "# Changed in a later release.\n"),
    "example": ("# .*\n", "# Changed in a later release.\n"),
    "md": ("# .*\n", "\nChanged in a later release.\n"),
}
# What it moves.
MOVED = {"SECURITY.md": "docs/security.md"}


def git(*arguments: str | Path, cwd: Path) -> str:
    """Run git with a test identity, fail with its output, return what it printed."""
    identity = ("-c", "user.name=Tester", "-c", "user.email=tester@example.com")
    alone = ("-c", "gc.auto=0")  # no collection in the background
    result = subprocess.run(
        ["git", *identity, *alone, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"git {arguments}: {result.stdout}{result.stderr}"
    return result.stdout


def repository_of_releases(folder: Path) -> None:
    """Clone this repository, tag its releases, commit the present files and later ones.

    The clone must have its whole history.
    """
    git("clone", "--quiet", ROOT, folder, cwd=ROOT)
    for version, commit in (REFUSED | RELEASES).items():
        git("tag", version, commit, cwd=folder)
    use_files_of(ROOT, folder)
    release(folder, PRESENT)
    change_as_a_release(folder / "template")
    release(folder, LATER)
    git("gc", "--quiet", "--prune=now", cwd=folder)


def release(repository: Path, version: str) -> None:
    """Commit all files of the template, and tag the commit."""
    commit_all(repository, version)
    git("tag", version, cwd=repository)


def change_as_a_release(template: Path) -> None:
    """Change modules, pages, settings and packages; add a file and move another one.

    What belongs to the user stays as it is: no release changes it.
    """
    for path in template.rglob("*"):
        name = path.relative_to(template).as_posix().removesuffix(".jinja")
        suffix = name.rpartition(".")[2]
        if path.is_file() and suffix in NEW_LINES and not belongs_to_the_user(name):
            place, text = NEW_LINES[suffix]
            before = path.read_text()
            path.write_text(re.sub(rf"(?m)^{place}", rf"\g<0>{text}", before, count=1))
    (template / "docs" / "later.md").write_text("# Later\n")
    (template / "SECURITY.md.jinja").rename(template / MOVED["SECURITY.md"])


def use_files_of(source: Path, folder: Path) -> None:
    """Put the template into a folder, in place of another one if there is any."""
    caches = shutil.ignore_patterns("__pycache__", ".*_cache")
    for name in ("domains", "template"):
        shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(source / name, folder / name, ignore=caches)
    for name in ("copier.yml", "pyproject.toml", "LICENSE", "README.md"):
        shutil.copy(source / name, folder)


def commit_all(folder: Path, message: str) -> None:
    """Commit every file of a repository."""
    git("add", "--all", cwd=folder)
    git("commit", "--quiet", "--allow-empty", f"--message={message}", cwd=folder)


def make_repository(folder: Path, message: str = "Start") -> None:
    """Put a folder under git, with all that is in it."""
    git("init", "--quiet", cwd=folder)
    commit_all(folder, message)


def copy(
    template: Path | str,
    project: Path,
    version: str,
    answers: Answers,
    exclude: Sequence[str] = (),
) -> None:
    """Make a project from a version of the template, without trusting it."""
    run_copy(
        str(template),
        project,
        data=answers,
        defaults=True,
        quiet=True,
        vcs_ref=version,
        exclude=exclude,
    )


def start(
    template: Path,
    project: Path,
    version: str,
    answers: Answers,
    exclude: Sequence[str] = (),
) -> None:
    """Make a project and put it under git, as the message of Copier says."""
    copy(template, project, version, answers, exclude)
    make_repository(project)


def update(
    project: Path,
    answers: Answers | None = None,
    version: str | None = None,
    exclude: Sequence[str] = (),
) -> None:
    """Update a project, perhaps with other answers, without trusting the template."""
    run_update(
        project,
        data=answers or {},
        defaults=True,
        overwrite=True,
        quiet=True,
        vcs_ref=version,
        exclude=exclude,
    )


def successor(version: str) -> str:
    """Return the version that projects of this one are updated to."""
    return LATER if version == PRESENT else PRESENT


def contents(project: Path) -> Files:
    """Read all files of a project, apart from those of git."""
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in project.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(project).parts
    }


def expected(old: Files, theirs: Files, new: Files) -> Files:
    """Say what an update must make of a project, as git would merge it.

    What only one side changed is as that side has it; what was deleted or renamed stays
    so; what both changed is merged, with the marks of a conflict where they disagree.
    """
    result = {}
    for path in old.keys() | theirs.keys() | new.keys():
        before, mine, after = old.get(path), theirs.get(path), new.get(path)
        if path == ".copier-answers.yml":
            found = after
        elif belongs_to_the_user(path):
            found = mine or after
        elif mine == before:
            found = after
        elif after == before or mine is None:
            found = mine
        else:
            found = after and merged(before or b"", mine, after)
        if found is not None:
            result[path] = found
    return result


def belongs_to_the_user(path: str) -> bool:
    """Tell whether the template only adds such files, as ``_skip_if_exists`` says."""
    return any(fnmatch(path, pattern) for pattern in CONFIG["_skip_if_exists"])


def merged(before: bytes, mine: bytes, after: bytes) -> bytes:
    """Merge two changes of a file."""
    labels = ("before updating", "last update", "after updating")
    with TemporaryDirectory() as folder:
        names = ("mine", "before", "after")
        for name, content in zip(names, (mine, before, after), strict=True):
            Path(folder, name).write_bytes(content)
        titles = [f"-L{label}" for label in labels]
        command = ["git", "merge-file", "--stdout", *titles, *names]
        return subprocess.run(
            command, cwd=folder, capture_output=True, check=False
        ).stdout


def conflicts(files: Files) -> set[str]:
    """Return the paths of files with the marks of a conflict."""
    return {
        path
        for path, content in files.items()
        if re.search(rb"^(<{7}|>{7}) ", content, re.MULTILINE)
    }
