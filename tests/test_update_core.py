"""A release of all of ``app/core`` merges without a conflict with the owner's files."""

import re
import shutil
from pathlib import Path

import pytest

from tests.edits import insert, make_it_theirs
from tests.matrix import Answers, code_variants, pairwise, variant_id
from tests.updates import (
    commit_all,
    conflicts,
    contents,
    git,
    release,
    start,
    update,
)

# File of the owner → a line that begins so, and what the owner adds after it.
EDITS = {
    "app/lifespan.py": [
        ("from app.integrations.email", "from app.integrations.shop import ping\n"),
        (
            "    async with open_core",
            '        core["health_checks"].add("shop", ping)\n',
        ),
    ],
    "app/api/router.py": [
        ("from app.core.http", "from app.integrations.shop import router as shop\n"),
        ("V1: ", "    shop,\n"),
        ("V2: ", "    shop,\n"),
    ],
    "app/metadata.py": [
        ("from app.core.idempotency", "from app.integrations.shop import Shop\n"),
        ('    "RefreshToken",', '    "Shop",\n'),
    ],
    "app/permissions.py": [
        ("    ITEMS_READ = ", '    SHOP_READ = "shop:read"\n'),
        ('    USER = "user"', '    MANAGER = "manager"\n'),
        ("            Permission.ITEMS_READ,", "            Permission.SHOP_READ,\n"),
    ],
}
WITH_USERS = [one for one in pairwise(code_variants()) if one["auth"] == "jwt"]


@pytest.fixture(scope="module")
def repository(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A template whose second version changes each module of ``app/core``."""
    repository = tmp_path_factory.mktemp("repository") / "template"
    shutil.copytree(template, repository)
    git("init", "--quiet", cwd=repository)
    release(repository, "1.0.0")
    for path in (repository / "template" / "app" / "core").rglob("*.py*"):
        before = path.read_text()
        after = re.sub('(?m)^(?=""")', "# Changed at its beginning.\n", before, count=1)
        path.write_text(f"{after}# Changed at its end.\n")
    release(repository, "1.1.0")
    return repository


@pytest.mark.parametrize("answers", WITH_USERS, ids=variant_id)
def test_release_that_changes_all_of_core_merges_without_conflict(
    repository: Path, workspace: Path, answers: Answers
) -> None:
    project = workspace / "project"
    start(repository, project, "1.0.0", answers)
    old = contents(project)
    make_it_theirs(project)
    for name, edits in EDITS.items():
        for line, text in edits:
            insert(project / name, line, text)
    commit_all(project, "Open a shop")
    theirs = contents(project)
    update(project)
    result = contents(project)
    concerns = {
        path.name for path in (project / "app" / "core").iterdir() if path.is_dir()
    }
    core = {path for path in result if path.startswith("app/core/")}
    changed = {path for path in core if result[path] != old[path]}
    assert {path for path in core if path.endswith(".py")} == changed
    assert {path.split("/")[2] for path in changed if path.count("/") > 2} == concerns
    for name in ("app/settings.py", *EDITS):
        assert old[name] != theirs[name] == result[name]
    assert conflicts(result) == set()
    assert git("diff", "--name-only", "--diff-filter=U", cwd=project) == ""
    assert git("ls-files", "--others", "*.rej", cwd=project) == ""
