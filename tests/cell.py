"""``uv run poe cell ID``: render one combination of answers and check the project."""

import argparse
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.matrix import ROOT, Answers, variant_id, variants
from tests.updates import copy


def main() -> None:
    """End with the exit code of the command that ran in the project."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("id", help="as uv run poe matrix prints it")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    with rendered(find(arguments.id)) as project:
        result = subprocess.run(
            ["uv", "run", *(arguments.command or ["poe", "check"])],
            cwd=project,
            env=environment(),
            check=False,
        )
    raise SystemExit(result.returncode)


def find(name: str) -> Answers:
    """Return the answers with this id, or end the process."""
    known = {variant_id(variant): variant for variant in variants()}
    if name not in known:
        raise SystemExit(f"There is no {name}. See: uv run poe matrix")
    return known[name]


@contextmanager
def rendered(answers: Answers, version: str = "HEAD") -> Iterator[Path]:
    """Give a project with these answers, which is gone afterwards.

    ``version`` is a commit of the template; by default, its files of today.
    """
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "project")
        copy(ROOT, project, version, answers)
        yield project


def environment() -> dict[str, str]:
    """Return the caller's, without the virtual environment of the template."""
    ours = {"VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "UV_NO_SYNC"}
    return {name: value for name, value in os.environ.items() if name not in ours}


if __name__ == "__main__":
    main()
