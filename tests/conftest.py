"""A fresh copy of the template, and projects rendered from it."""

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

import pytest
import yaml
from filelock import FileLock

from tests.faster import run_copy
from tests.matrix import (
    ROOT,
    Answers,
    choices,
    code_variants,
    likely_variants,
    pairwise,
    questions,
    some_variants,
    variant_id,
    variants,
)
from tests.updates import repository_of_releases, use_files_of

Render = Callable[..., Path]
Rendered = Callable[..., Path]

# What stops when the tests of this process have ended.
started = ExitStack()

# Makes every start of Python compile everything again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# What the caller's own virtual environment would mean to the projects.
os.environ.pop("VIRTUAL_ENV", None)
# Servers of the caller: the projects start their own.
os.environ.pop("DATABASE_URL", None)
os.environ.pop("REDIS_URL", None)

# Answers that need not be given.
DEFAULTS = {
    name: question["default"]
    for name, question in questions().items()
    if choices(question, {})
}

# Seconds of CPU, about: of one variant.
LONGEST = {
    "test_project": 100,  # if it runs all tests
    "test_each_part": 75,
    "test_domains_are_added_and_the_example_is_removed": 70,
    "test_fuzzing_finds_nothing": 60,
    "test_second_week": 45,
    "test_all_parts": 40,
    "test_a_field_is_added_as_the_readme_says": 35,
    "test_extend": 35,
    "test_with_another_answer": 30,
    "test_odd_names_side_by_side": 30,
    "test_the_commands_of_our_readme": 30,
    "test_from_a_release": 25,
    "test_the_container_has_what_the_editor_starts": 25,
    "test_a_project_is_the_same_without_shortcuts": 25,
    "test_deploy": 25,
    "test_generate": 25,
    "test_work": 25,
    "test_rolling_deploys_lose_nothing": 25,
    "test_a_folder_of_any_name": 25,
    "test_the_generator_has_the_version_of_the_project": 20,
    "test_a_service_and_bare_applications_are_measured": 20,
    "test_fuzzing_finds_nothing_with_fields_of_all_kinds": 25,
    "test_development": 20,
    "test_hooks_pass_in_a_new_repository": 20,
    "test_the_guide": 20,
    "test_steps_of_the_dockerfile_make_a_working_service": 15,
    "test_streaming_replica": 15,
    "test_two_instances": 15,
    "test_every_file_of_the_template_is_rendered_by_some_variant": 15,
    "test_an_existing_project_refuses_what_a_new_one_does": 15,
    "test_an_update_refuses_answers_and_changes_nothing": 15,
    "test_a_prompt_offers_no_other_layout": 15,
    "test_the_commands_for_production": 15,
    "test_a_page_logs_in_with_a_cookie": 15,
    "test_no_command_updates_a_project_of_a_version_before_0_3_0": 15,
    "test_conflicts_that_git_status_hides": 15,
    "test_entries_without_a_list_are_printed": 10,
    "test_lines_without_tests_are_reported": 10,
    "test_hooks_in_a_folder_of_a_repository": 10,
    "test_what_the_proxy_does": 10,
    "test_pgbouncer": 10,
}


def pytest_xdist_auto_num_workers() -> int:
    """Return one more than there are cores: tests wait a third of the time."""
    return (os.cpu_count() or 1) + 1


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--quick",
        action="store_true",
        help="a few variants in which every pair of answers still occurs",
    )
    parser.addoption(
        "--edges",
        action="store_true",
        help="all combinations of answers, and every way from a release or an answer",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make one folder for all processes of this run; ``workspace`` says where."""
    if not hasattr(config, "workerinput"):
        folder = tempfile.TemporaryDirectory(prefix="copier-fastapi-")
        config.add_cleanup(folder.cleanup)
        os.environ["COPIER_FASTAPI_SHARED"] = folder.name
    config.add_cleanup(started.close)


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Let each process begin with some of the longest, so that all end together.

    The last one begins with those that break servers, which wait more than they work.
    The others stay side by side: those of a module may share what it starts.
    """
    seconds = {item: LONGEST.get(item.name.partition("[")[0], 0) for item in items}
    longest = sorted(filter(seconds.get, items), key=lambda item: -seconds[item])
    others = [item for item in items if not seconds[item]]
    others.sort(key=lambda item: item.path.parent.name != "resilience")
    processes = getattr(config, "workerinput", {}).get("workercount", 1)
    busy = max(1, processes - 1)
    shares = [longest[number::busy] for number in range(busy)] + [[]] * (
        processes - busy
    )
    for number, share in reversed(list(enumerate(shares))):
        # As many as xdist gives to each.
        room = max(0, (len(items) + number) // processes - len(share))
        shares[number] = share + others[:room]
        del others[:room]
    items[:] = [*chain(*shares), *others]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each variant, if it takes one of these as an argument.

    ``variant``: all answers, or without ``--edges`` each code tree and every pair of
    answers; ``code_variant``: all code trees; ``some_variant``: all code
    trees, or without ``--edges`` a few in which every answer still occurs;
    ``first_variant`` and ``last_variant``: these few, or without ``--edges`` only the
    default one, or only the one that is least like it.
    """
    edges = metafunc.config.getoption("--edges")
    choices = {
        "variant": variants if edges else likely_variants,
        "code_variant": code_variants,
        "some_variant": code_variants if edges else some_variants,
        "first_variant": some_variants if edges else lambda: some_variants()[:1],
        "last_variant": some_variants if edges else lambda: some_variants()[-1:],
    }
    for name in choices.keys() & set(metafunc.fixturenames):
        every = choices[name]()
        quick = metafunc.config.getoption("--quick")
        chosen = pairwise(every) if quick else every
        metafunc.parametrize(name, chosen, ids=variant_id)


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command, fail with all it said, return what it printed."""
    result = attempt(*command, cwd=cwd, **environment)
    assert result.returncode == 0, f"{command} failed\n{result.stdout}{result.stderr}"
    return result.stdout


def attempt(
    *command: str | Path, cwd: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command that may fail; after ten minutes it and all it started must end."""
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=os.environ | environment,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            output, errors = process.communicate(timeout=600)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, errors = process.communicate()
            pytest.fail(f"{command} took too long\n{output}{errors}")
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


def read_yaml(path: Path) -> Answers:
    """Read a mapping."""
    content: Answers = yaml.safe_load(path.read_text())
    return content


@pytest.fixture(scope="session", autouse=True)
def no_settings_of_the_caller(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Ignore the caller's own defaults and trusted places of Copier."""
    settings = tmp_path_factory.mktemp("settings") / "settings.yml"
    settings.write_text("{}")
    os.environ["COPIER_SETTINGS_PATH"] = str(settings)


@pytest.fixture(scope="session")
def shared() -> Path:
    """A folder for all processes of this run."""
    return Path(os.environ["COPIER_FASTAPI_SHARED"]).resolve()


@pytest.fixture(scope="session")
def template(shared: Path) -> Path:
    """What Copier reads, without git, so that rendering is fast."""
    folder = shared / "template"
    with FileLock(shared / "template.lock"):
        if not folder.exists():
            folder.mkdir()
            use_files_of(ROOT, folder)
    return folder


@pytest.fixture(scope="session")
def releases(shared: Path) -> Path:
    """The template under git: its releases, and the files of today after them."""
    folder = shared / "releases"
    with FileLock(shared / "releases.lock"):
        if not folder.exists():
            repository_of_releases(folder)
    return folder


@pytest.fixture
def workspace() -> Iterator[Path]:
    """An empty folder.

    Not below pytest's own: a project's pytest would close that to others, while a
    PostgreSQL that root starts runs as another user and must reach its data.
    """
    with tempfile.TemporaryDirectory(prefix="copier-fastapi-") as folder:
        yield Path(folder).resolve()


@pytest.fixture(scope="session")
def rendered(template: Path, shared: Path) -> Rendered:
    """Returns the project of some answers, for tests that only read it."""

    def rendered(answers: Answers | None = None) -> Path:
        given = sorted((DEFAULTS | (answers or {})).items())
        name = hashlib.sha256(repr(given).encode()).hexdigest()
        project = shared / "rendered" / name
        with FileLock(shared / f"{name}.lock"):
            if not project.exists():
                run_copy(
                    *(str(template), project),
                    data=answers or {},
                    defaults=True,
                    quiet=True,
                )
        return project

    return rendered


@pytest.fixture
def render(rendered: Rendered, workspace: Path) -> Render:
    """Renders a project without trusting the template, as people do.

    Copier does it once for the same answers; each test has its own copy.
    """

    def render(answers: Answers | None = None, *, into: str = "project") -> Path:
        return shutil.copytree(rendered(answers), workspace / into, symlinks=True)

    return render
