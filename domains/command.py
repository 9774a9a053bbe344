"""``new-domain orders``: add a domain to the service in this folder."""

import argparse
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from domains.collisions import refuse_collisions
from domains.lists import extend_lists
from domains.names import Names, Refusal, parse
from domains.project import Project, open_project
from domains.skeleton import render


def main() -> None:
    """Read the arguments; a refusal ends the process before anything is changed."""
    parser = argparse.ArgumentParser(prog="new-domain", description=__doc__)
    parser.add_argument("name", help="in the plural: orders, order-lines, people")
    parser.add_argument("--singular", metavar="NAME", help="what one of them is called")
    parser.add_argument("--path", metavar="NAME", help="the URL, if it is not the name")
    arguments = parser.parse_args()
    try:
        project = open_project(Path.cwd())
        names = parse(arguments.name, arguments.singular, arguments.path)
        files, left = plan(project, names)
    except Refusal as refusal:
        raise SystemExit(str(refusal)) from None
    write(project, files)
    print(*sorted(files), sep="\n")
    print(f"One of the {names.many} is {names.one}, at /api/v1/{names.path}.")
    if left:
        print("Add by hand, as these lists are gone:", *left, sep="\n  ")
    sys.stdout.flush()
    write_migration(project, names)


def plan(project: Project, names: Names) -> tuple[dict[Path, str], list[str]]:
    """Return the files to write, and the lines without a place; raises ``Refusal``."""
    new = render(project, names)
    changed, left = extend_lists(project, names)
    refuse_collisions(project, names, new, changed)
    return new | changed, left


def write(project: Project, files: Mapping[Path, str]) -> None:
    """Write files as the linter and the formatter of the project want them."""
    for path, text in files.items():
        (project.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (project.folder / path).write_text(text, "utf-8")
    paths = [str(path) for path in files]
    run(project, "ruff", "check", "--quiet", "--fix-only", *paths)
    run(project, "ruff", "format", "--quiet", *paths)
    # A long name may make lines too long that the formatter cannot break.
    run(project, "ruff", "check", "--quiet", "--select=E501", "--add-noqa", *paths)


def write_migration(project: Project, names: Names) -> None:
    """Write the migration that creates the table."""
    command = ("poe", "revision", f"create {names.many}")
    if run(project, *command).returncode:
        raise SystemExit(
            "There is no migration yet. Once the error above is corrected: "
            f'uv run poe revision "create {names.many}"'
        )
    print("Next: uv run poe migrate")


def run(project: Project, *command: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command in the environment of the project."""
    return subprocess.run(["uv", "run", *command], cwd=project.folder, check=False)
