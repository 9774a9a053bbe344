"""Every distinct code tree, installed from its own files, passes its own checks.

Not each of them runs all of its tests by default: docs/decisions/ says why.
"""

import hashlib
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path
from zlib import crc32

import pytest
import yaml
from filelock import FileLock

from tests.conftest import Render, Rendered, attempt, read_yaml, run, started
from tests.matrix import (
    ROOT,
    Answers,
    code_variants,
    server_variants,
    variant_id,
)
from tests.production import postgresql_of
from tests.proof import code_trees, deal

RESERVED = yaml.safe_load(
    (ROOT / "template" / "_macros" / "reserved_names.yml").read_text()
)
# One of those that run tests: two at once must not write to one cache.
PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "main")
# The URL of its PostgreSQL, once there is one.
servers: list[str] = []
# A plugin for their tests. They use the server of this process: a start takes longer
# than many tests. By default, all of them run, from the first to the last.
# Whole modules are left out: they need not even be imported.
PLUGIN = """
import os
from zlib import crc32

os.environ["DATABASE_URL"] = os.environ["TESTS_DATABASE_URL"]

def pytest_ignore_collect(collection_path, config):
    if not collection_path.name.startswith("test_"):
        return None
    module = collection_path.relative_to(config.rootpath).as_posix()
    if "MODULES" in os.environ:
        return None if module in os.environ["MODULES"].split() else True
    if "SHARE" in os.environ:
        share, shares = map(int, os.environ["SHARE"].split("/"))
        always = tuple(os.environ.get("ALWAYS", "").split())
        is_chosen = crc32(module.encode()) % shares == share
        return None if is_chosen or module.startswith(always) else True

def pytest_collection_modifyitems(items):
    if "BACKWARDS" in os.environ:
        items.reverse()
"""

TEST_PRICE = '''"""The price of an item."""

from fastapi.testclient import TestClient


def test_price(client: TestClient) -> None:
    body = {"sku": "lamp-1", "name": "Lamp", "price": 5}
    response = client.post("/api/v1/items", json=body)
    assert response.json()["price"] == 5
    url = response.headers["location"]
    assert client.get(url).json()["price"] == 5
    assert client.patch(url, json={"name": "Torch"}).json()["price"] == 5
    assert client.patch(url, json={"price": None}).json()["price"] is None
'''


class Project:
    """A rendered project, and the environment that its own files ask for."""

    def __init__(self, folder: Path, shared: Path) -> None:
        self.folder = folder
        self.shared = shared
        key = hashlib.sha256(needs(folder).encode()).hexdigest()[:12]
        self.variables = {
            "UV_PROJECT_ENVIRONMENT": str(shared / f"environment-{key}"),
            # What it finds in packages is the same in every environment.
            "MYPY_CACHE_DIR": str(shared / f"types-{PROCESS}"),
            # All cores are busy: with other projects.
            "PYTEST_XDIST_AUTO_NUM_WORKERS": "0",
            "PYTEST_ADDOPTS": "-p projects_plugin ",
            "PYTHONPATH": str(shared / "plugins"),
        }

    @property
    def python(self) -> Path:
        """The interpreter with the packages of the project."""
        return Path(self.variables["UV_PROJECT_ENVIRONMENT"], "bin", "python")

    def install(self) -> None:
        """Create the environment; only projects that need the same share one."""
        if not self.python.exists():
            others = sorted(self.shared.glob("environment-*"), key=os.path.getctime)
            run("uv", "sync", "--quiet", cwd=self.folder, **self.variables)
            for other in others[-1:]:
                self.use_bytecode_of(other)
        plugin = self.shared / "plugins" / "projects_plugin.py"
        if not plugin.exists():
            plugin.parent.mkdir()
            plugin.write_text(PLUGIN)
        self.variables["TESTS_DATABASE_URL"] = self.server()

    def use_bytecode_of(self, other: Path) -> None:
        """Link what another environment has compiled of the same packages."""
        for compiled in other.rglob("*.pyc"):
            place = self.python.parents[1] / compiled.relative_to(other)
            if place.parents[1].is_dir() and not place.exists():
                place.parent.mkdir(exist_ok=True)
                place.hardlink_to(compiled)

    def server(self) -> str:
        """Return the PostgreSQL of this process; the first project starts it.

        As root, the first start of all adds a user to the system: never two at once.
        """
        if not servers:
            server = postgresql_of(self.folder, None, [self.python])
            servers.append(started.enter_context(server))
        return servers[0]

    def know_types(self) -> None:
        """Let mypy begin with what it has found in packages for another project."""
        self.tell_files_apart()
        known, own = self.shared / "types", Path(self.variables["MYPY_CACHE_DIR"])
        with FileLock(self.shared / "types.lock"):
            if not known.exists():
                known.mkdir()
                environment = self.variables | {"MYPY_CACHE_DIR": str(known)}
                # The others wait for it.
                mypy = ("uv", "run", "--no-sync", "mypy", "--num-workers=2")
                attempt(*mypy, cwd=self.folder, **environment)
        if not own.exists():
            shutil.copytree(known, own)

    def tell_files_apart(self) -> None:
        """Give its modules a time of their own.

        Mypy takes files of the same size and second for the same: an import of the
        other layout is as long.
        """
        second = crc32(str(self.folder).encode()) % 10**9  # in the past
        for path in self.folder.rglob("*.py"):
            os.utime(path, (second, second))

    def choose(self, **choice: str) -> None:
        """Choose which of its tests run, and in which order, as PLUGIN reads it."""
        self.variables |= choice

    def attempt(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command as ``uv run`` does, without looking for newer packages."""
        return attempt(
            *("uv", "run", "--no-sync", *command), cwd=self.folder, **self.variables
        )

    def run(self, *command: str) -> str:
        """Run one that must not fail, and return what it prints."""
        result = self.attempt(*command)
        assert result.returncode == 0, f"{result.stdout}{result.stderr}"
        return result.stdout


def needs(folder: Path) -> str:
    """Return the packages that a project asks for."""
    asked = tomllib.loads((folder / "pyproject.toml").read_text())
    return repr([asked["project"]["dependencies"], asked["dependency-groups"]])


@pytest.fixture
def project(render: Render, code_variant: Answers, shared: Path) -> Project:
    """The project of a variant, with its packages installed."""
    project = installed(render(code_variant), shared)
    project.know_types()
    return project


def installed(folder: Path, shared: Path) -> Project:
    project = Project(folder, shared)
    with FileLock(shared / "install.lock"):
        project.install()
    return project


def entered(folder: Path, shared: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a project, and let commands in its folder use its environment."""
    project = installed(folder, shared)
    for name in ("UV_PROJECT_ENVIRONMENT", "MYPY_CACHE_DIR"):
        monkeypatch.setenv(name, project.variables[name])
    return folder


@pytest.fixture
def complete(code_variant: Answers, pytestconfig: pytest.Config) -> bool:
    """Whether a variant runs all of its tests; with ``--edges``, each of them does."""
    edges = pytestconfig.getoption("--edges")
    return bool(edges) or code_variant in server_variants()


@pytest.fixture(scope="session")
def dealt(rendered: Rendered) -> dict[str, set[str]]:
    """The modules of tests that each code tree runs."""
    return deal(code_trees(rendered))


@pytest.fixture
def way(
    project: Project,
    code_variant: Answers,
    request: pytest.FixtureRequest,
    *,
    complete: bool,
) -> None:
    """Let no test lean on another, and run none in vain.

    The tests are the same in both layouts: in one they run backwards, some in parallel.
    A variant that is not complete runs what was dealt to it.
    """
    is_layer = code_variant["layout"] == "layer"
    options = []
    if is_layer:
        project.choose(BACKWARDS="yes")
    if not complete:
        modules = request.getfixturevalue("dealt")[variant_id(code_variant)]
        project.choose(MODULES=" ".join(modules))
    elif is_layer and code_variant["redis"]:
        project.variables["PYTEST_XDIST_AUTO_NUM_WORKERS"] = "2"
    # With greenlets, Python 3.11 hangs once in a while when coverage is measured.
    if complete and is_layer and code_variant["database"] == "sync":
        options.append("--cov")
    project.variables["PYTEST_ADDOPTS"] += shlex.join(options)


@pytest.mark.usefixtures("way")
def test_project(project: Project, *, complete: bool) -> None:
    """As CI does it."""
    output = project.run(*shlex.split(checked_by_ci(project.folder)))
    tests, *other = re.findall(r"(\d+) (passed|skipped|xfailed)", output)
    assert int(tests[0]) > (800 if complete else 20)
    assert not other
    assert "no issues found" in output
    assert "0 broken" in output
    assert left_behind(project.folder) == set()
    if "--cov" in project.variables["PYTEST_ADDOPTS"]:
        check_that_modules_of_owners_are_measured(project)


def check_that_modules_of_owners_are_measured(project: Project) -> None:
    """A module that no test imports fails, however well the others are tested."""
    pyproject = tomllib.loads((project.folder / "pyproject.toml").read_text())
    *_, gate = pyproject["tool"]["poe"]["tasks"]["coverage"]["sequence"]
    project.run(*gate["cmd"].split())
    untested = project.folder / "app" / "untested.py"
    untested.write_text("".join(f"LINE_{number} = 1\n" for number in range(30)))
    project.run("pytest", "-n0", "--cov-append", "tests/api/test_models.py")
    refused = project.attempt(*gate["cmd"].split())
    assert refused.returncode == 2
    assert re.search(r"app/untested.py +30 +30 +0 +0 +0%", refused.stdout)
    assert "less than fail-under=98" in refused.stdout


def checked_by_ci(folder: Path) -> str:
    """Return what CI runs first, without the ``uv run`` in front of it."""
    workflow = read_yaml(folder / ".github" / "workflows" / "ci.yml")
    legs = workflow["jobs"]["poe"]["strategy"]["matrix"]["include"]
    return f"poe {legs[0]['task']}"


def test_lines_without_tests_are_reported(render: Render, shared: Path) -> None:
    """As GitLab reads it. That all tests run enough, ``test_project`` shows."""
    folder = render({"database": "sync", "auth": "none", "ci": "gitlab"})
    project = installed(folder, shared)
    job = read_yaml(folder / ".gitlab-ci.yml")["coverage"]
    [command] = job["script"]
    project.variables["PYTEST_ADDOPTS"] += " tests/core/health"
    few = project.attempt(*command.split()[2:])
    assert few.returncode != 0
    assert "Required test coverage of 95.0% not reached" in few.stdout
    total, own = re.findall(job["coverage"].strip("/"), few.stdout, re.MULTILINE)
    [exactly] = re.findall(r"Total coverage: (\S+)%", few.stdout)
    assert total == f"{float(exactly):.0f}"
    assert f"total of {own} is less than fail-under=98" in few.stdout
    report = job["artifacts"]["reports"]["coverage_report"]["path"]
    assert "<coverage " in (folder / report).read_text()
    assert left_behind(folder) == {report}


def left_behind(folder: Path) -> set[str]:
    """Return what git ignores, apart from caches."""
    run("git", "init", "--quiet", cwd=folder)
    status = run("git", "status", "--short", "--ignored", cwd=folder).splitlines()
    ignored = {line.removeprefix("!! ") for line in status if line.startswith("!!")}
    return {
        name
        for name in ignored
        if not re.search(r"cache|\.coverage|\.hypothesis", name)
    }


def test_a_field_is_added_as_the_readme_says(
    render: Render, some_variant: Answers, shared: Path
) -> None:
    project = installed(render(some_variant), shared)
    project.know_types()
    readme = (project.folder / "README.md").read_text()
    guide = readme.partition("\n## Add a field\n")[2].partition("\n## ")[0]
    for path, block in re.findall(r"`(app/.+)`: .*\n+ +```python\n([^`]*)", guide):
        append_to_classes(project.folder / path, block.split("\n"))
    drifted = project.attempt("pytest", "tests/api/test_migrations.py")
    assert "New upgrade operations detected" in drifted.stdout
    project.run("poe", "revision", "add price")
    project.run("poe", "migrate")
    (project.folder / "tests" / "items" / "test_price.py").write_text(TEST_PRICE)
    project.run("ruff", "format", "--check")
    project.run("ruff", "check")
    project.run("mypy")
    project.run("pytest", "tests/items/test_price.py", "tests/api")


def append_to_classes(path: Path, lines: list[str]) -> None:
    """Add one line to each class, below the one that begins with "description"."""
    text = path.read_text()
    for line in filter(str.strip, lines):
        text, found = re.subn(
            r"^(    description: .*)$(?!\n.*price)",
            rf"\1\n    {line.strip()}",
            text,
            count=1,
            flags=re.MULTILINE,
        )
        assert found
    path.write_text(text)


def test_no_project_can_bear_the_name_of_a_package_it_needs(render: Render) -> None:
    """The lock file has the packages of all platforms."""
    every = [render(one, into=variant_id(one)) for one in code_variants()]
    for folder in {needs(folder): folder for folder in every}.values():
        run("uv", "lock", "--quiet", cwd=folder)
        locked = tomllib.loads((folder / "uv.lock").read_text())["package"]
        own = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
        names = {package["name"] for package in locked} - {own["name"]}
        assert names - set(RESERVED) == set()
