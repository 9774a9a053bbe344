"""The pages that say what to type, followed to their ends."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import Render, run
from tests.guides import blocks, matches, page
from tests.matrix import ROOT
from tests.production import PRODUCTION, postgresql_of
from tests.reader import Reader
from tests.test_projects import installed
from tests.updates import make_repository, use_files_of

MATRIX = (sys.executable, "-m", "tests.matrix")


def test_generate(workspace: Path) -> None:
    """With all defaults, by a person who presses nothing but the return key."""
    checkout = workspace / "copier-fastapi"
    checkout.mkdir()
    use_files_of(ROOT, checkout)
    make_repository(checkout)
    for block in blocks(page("generate.md")):
        for command, shown in block.commands():
            assert matches(shown, in_a_terminal(command, checkout)), command
    assert (workspace / "my-service" / "app" / "items" / "service.py").exists()
    assert (workspace / "shop" / "app" / "services" / "items_cache.py").exists()


def test_extend(workspace: Path) -> None:
    """In a copy of the template, with the environment of this one."""
    checkout = workspace / "copier-fastapi"
    others = shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", "site")
    shutil.copytree(ROOT, checkout, ignore=others)
    make_repository(checkout)
    before = json.loads(run(*MATRIX, cwd=checkout))
    reader = Reader(checkout, {"UV_PROJECT_ENVIRONMENT": sys.prefix, "UV_NO_SYNC": "1"})
    # Other tests do the same without the question, and run all tests of such a service.
    for command, chosen in (
        ("uv run pytest --quick", "-n0 -k 'test_variant and flags or guide'"),
        ("uv run poe cell domain-async-none-flags", "tests/test_flags.py"),
    ):
        (typed,) = (
            one
            for block in blocks(page("extend.md"))
            for one, _ in block.commands()
            if one.startswith(command)
        )
        reader.shorter[typed] = {"PYTEST_ADDOPTS": chosen}
    reader.follow(page("extend.md"))
    after = json.loads(run(*MATRIX, cwd=checkout))
    assert [cell | {"flags": False} for cell in before] == [
        cell for cell in after if not cell["flags"]
    ]
    assert len(after) == 2 * len(before)


def in_a_terminal(command: str, folder: Path) -> str:
    """Run a command where it can ask questions; accept what it suggests."""
    terminal, end = os.openpty()
    with subprocess.Popen(
        ("bash", "-c", command),
        cwd=folder,
        stdin=end,
        stdout=end,
        stderr=end,
        start_new_session=True,
    ) as process:
        os.close(end)
        os.write(terminal, b"\r" * 50)
        said = b""
        while heard := read(terminal):
            said += heard
            if heard.endswith(b"\x1b[6n"):  # where is the cursor?
                os.write(terminal, b"\x1b[1;1R")
    os.close(terminal)
    assert process.returncode == 0, said
    return said.decode().replace("\r\n", "\n")


def read(terminal: int) -> bytes:
    """Read available output; nothing after the process has ended."""
    try:
        return os.read(terminal, 1024)
    except OSError:  # on Linux
        return b""


def test_work(render: Render, shared: Path) -> None:
    project = installed(render({"auth": "none"}), shared)
    project.know_types()
    reader = Reader(project.folder, project.variables | {"UV_NO_SYNC": "1"})
    # All tests of such a project run elsewhere.
    few = {"PYTEST_ADDOPTS": "tests/items tests/api/test_migrations.py"}
    reader.shorter["uv run poe check"] = few
    reader.follow(page("work.md"))


def test_deploy(render: Render, shared: Path, workspace: Path) -> None:
    project = installed(render(), shared)
    own = {"UV_PROJECT_ENVIRONMENT": str(workspace / "environment")}
    run("uv", "sync", "--quiet", cwd=project.folder, **own)
    folder = workspace / "server"
    with postgresql_of(project.folder, folder, [project.python]) as url:
        known = PRODUCTION | {"DATABASE_URL": url, "OPS_KEY": secrets.token_hex(32)}
        Reader(project.folder, own, known).follow(page("deploy.md"))
    assert not (workspace / "environment" / "bin" / "pytest").exists()
