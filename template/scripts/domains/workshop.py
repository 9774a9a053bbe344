"""A copy of the project, where changes are made before the project sees any."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

COPIED = ("app", "migrations", "scripts", "tests")
CACHES = shutil.ignore_patterns("__pycache__")
REVISIONS = Path("migrations", "versions")


class Workshop:
    """Changes that nobody sees until they are published, all at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._deleted: set[Path] = set()
        self._written: set[Path] = set()

    def write(self, files: Mapping[Path, str]) -> None:
        """Write files, formatted as the project demands."""
        for path, text in files.items():
            place = self._folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        self._written |= files.keys()
        names = [str(path) for path in files if path.suffix == ".py"]
        self._run("ruff", "check", "--fix-only", "--quiet", *names)
        self._run("ruff", "format", "--quiet", *names)
        self._run("ruff", "check", "--quiet", "--select=E501", "--add-noqa", *names)

    def delete(self, *paths: Path) -> None:
        """Delete files, and the folders they leave empty."""
        for path in paths:
            (self._folder / path).unlink()
            if not any((self._folder / path.parent).iterdir()):
                (self._folder / path.parent).rmdir()
        self._deleted |= set(paths)

    def revise(self, message: str) -> Path:
        """Write the revision that leads to the models as they are now."""
        before = set(self._revisions())
        self._run("scripts.domains.revision", message)
        [path] = set(self._revisions()) - before
        self._written.add(path)
        return path

    def publish(self) -> None:
        """Bring all changes to the project."""
        ready = []
        for path in sorted(self._written):
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f".{path.name}.new")
            shutil.copyfile(self._folder / path, beside)
            ready.append((beside, path))
        for beside, path in ready:
            beside.replace(path)
        for path in self._deleted:
            path.unlink()
        for folder in {path.parent for path in self._deleted}:
            left = {path.name for path in folder.iterdir()}
            if left <= {"__pycache__"}:
                shutil.rmtree(folder)

    def _revisions(self) -> Iterator[Path]:
        for path in (self._folder / REVISIONS).glob("*.py"):
            yield path.relative_to(self._folder)

    def _run(self, module: str, *arguments: str) -> None:
        result = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self._folder,
            # For packages of the team beside those that are copied.
            env=os.environ | {"PYTHONPATH": str(Path.cwd())},
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise SystemExit(
                f"Nothing was changed, because {module} failed:\n"
                f"{result.stdout}{result.stderr}"
            )


@contextmanager
def workshop() -> Iterator[Workshop]:
    """Copy the project to a folder that goes when the block ends."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for top in COPIED:
            shutil.copytree(top, folder / top, ignore=CACHES)
        for path in filter(Path.is_file, Path().iterdir()):  # pyproject.toml, .env
            shutil.copy(path, folder)
        yield Workshop(folder)
