"""``poe new-domain`` adds a domain that passes all checks of its project."""

import re
import runpy
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
import yaml

from domains.command import plan, write
from domains.insertions import add_entry
from domains.names import Names, Refusal, parse
from domains.project import open_project
from tests.conftest import Render, read_yaml
from tests.matrix import ROOT, Answers, some_variants
from tests.test_projects import Project, installed
from tests.updates import commit_all, git, make_repository, use_files_of

Start: TypeAlias = Callable[..., Project]

# What people may keep in a service.
PLAUSIBLE = Path(__file__).with_name("domain_names.txt").read_text().split()
# Those with another meaning somewhere, without a regular plural, or as long as can be.
ODD = [
    *("classes", "credits", "equipment", "files", "line-items", "requests", "routers"),
    *("tests", "remarkably-long-yet-still-possible-names"),
]
# What is refused, and words of the reason: everywhere, and with an answer.
REFUSED = {
    "": {
        "Orders": "at most 40 lower-case letters",
        "../orders": "at most 40 lower-case letters",
        "order--lines": "at most 40 lower-case letters",
        "2orders": "at most 40 lower-case letters",
        "x" * 41: "at most 40 lower-case letters",
        "order": 'in the plural, such as "orders"',
        "staff": "--singular NAME",
        "async": "Python uses it",
        "items": 'The path "/items" is taken: app/',
        "pages": "new-domain pages --singular NAME",
        "scripts": "tests/scripts exists. Choose another name; the URL can",
        "widgets": 'The path "/widgets" is taken: tests/support/sample_app.py',
        "warnings": '"Warning" would have two meanings in app/',
    },
    "domain": {"settings": "app/settings.py exists. Choose another name; the URL can"},
    "layer": {},
    "jwt": {
        "api_keys": 'The path "/api-keys" is taken: app/',
        "profiles": 'The class "ProfileUpdate" is taken: app/',
        "refresh_tokens": 'The table "refresh_tokens" is taken: app/',
        "users": 'The path "/users" is taken: app/',
    },
    "none": {},
}
# A line about the example, in modules that list all domains.
ITEMS = re.compile(r"(?i)(\b|_)items?(\b|_)(?!\()")
# The tests of a project that read lists to which a domain is added.
EDGE = {"api/test_isolation.py", "api/test_migrations.py", "api/test_openapi.py"}


@pytest.fixture
def start(render: Render, shared: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Renders projects, with their packages installed."""

    def start(answers: Answers | None = None) -> Project:
        project = installed(render(answers), shared)
        project.variables["UV_NO_SYNC"] = "1"
        for name, value in project.variables.items():
            monkeypatch.setenv(name, value)
        return project

    return start


def check(project: Project, *tests: str, share: str | None = None) -> None:
    """Run what ``poe check`` does, with some of the tests, and a share of all others.

    Of the others, the slow ones are left out.
    """
    project.run("ruff", "format", "--check")
    project.run("ruff", "check")
    project.run("mypy")
    project.run("lint-imports")
    edge = sorted(name for name in EDGE if (project.folder / "tests" / name).exists())
    chosen = [*tests, *(f"tests/{name}" for name in edge)]
    if share is None:
        project.run("pytest", *chosen)
        return
    project.choose(SHARE=share, ALWAYS=" ".join(chosen))
    assert " passed" in project.run("poe", "test-all", "-m", "not slow")


def test_domains_are_added_and_the_example_is_removed(
    start: Start, some_variant: Answers, pytestconfig: pytest.Config
) -> None:
    project = start(some_variant)
    project.know_types()
    said = project.run("poe", "new-domain", "orders")
    assert "One of the orders is an order, at /api/v1/orders." in said
    project.run("poe", "new-domain", "people", "--path", "staff")
    check(project, "tests/orders", "tests/people")
    remove_the_example(project)
    project.run("poe", "new-domain", "invoices")
    share = "0/1"
    if not pytestconfig.getoption("--edges"):
        share = f"{some_variants().index(some_variant)}/{len(some_variants())}"
    check(project, "tests/invoices", share=share)


def remove_the_example(project: Project) -> None:
    """Do what the README says."""
    readme = (project.folder / "README.md").read_text()
    steps = readme.partition("\n## Remove the example\n")[2].partition("\n## ")[0]
    deleted, edited, revision = re.findall(r"(?ms)^\d\. (.*?)$(?=\n\n|\n\d)", steps)
    for pattern in re.findall(r"`(.+?)`", deleted):
        paths = [*project.folder.glob(pattern)]
        assert paths, pattern
        for path in paths:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name in re.findall(r"`(.+?)`", edited):
        path = project.folder / name
        lines = path.read_text().splitlines(keepends=True)
        kept = [line for line in lines if not ITEMS.search(line)]
        assert kept != lines, name
        path.write_text("".join(kept))
    for command in re.findall(r"`uv run (.+?)`", revision):
        project.run(*shlex.split(command))


def write_domain(project: Project, name: str) -> None:
    """Add a domain, without a migration."""
    here = open_project(project.folder)
    files, left = plan(here, parse(name))
    assert not left
    write(here, files)


def test_odd_names_side_by_side(start: Start) -> None:
    """Also names with a meaning in Python or SQL."""
    project = start()
    project.know_types()
    for name in ODD:
        write_domain(project, name)
    project.run("poe", "revision", "create odd tables")
    check(project, *(f"tests/{parse(name).plural}" for name in ODD))


@pytest.mark.parametrize("layout", ["domain", "layer"])
@pytest.mark.parametrize("auth", ["jwt", "none"])
def test_names_are_refused_only_where_they_collide(
    render: Render, layout: str, auth: str
) -> None:
    project = open_project(render({"layout": layout, "auth": auth}))
    refused = REFUSED[""] | REFUSED[layout] | REFUSED[auth]
    for name in {*PLAUSIBLE, *ODD} - refused.keys():
        files, left = plan(project, parse(name))
        assert len(files) > 10
        assert not left
    for name, reason in refused.items():
        with pytest.raises(Refusal) as refusal:
            plan(project, parse(name))
        assert reason in str(refusal.value)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        (["orders"], Names("orders", "order", "orders")),
        (["order-lines"], Names("order_lines", "order_line", "order-lines")),
        (["addresses"], Names("addresses", "address", "addresses")),
        (["warehouses"], Names("warehouses", "warehouse", "warehouses")),
        (["people"], Names("people", "person", "people")),
        (["news"], Names("news", "news", "news")),
        (["staff", "staff-member"], Names("staff", "staff_member", "staff")),
        (["file_types", None, "types"], Names("file_types", "file_type", "types")),
    ],
)
def test_singular_and_plural_names(typed: list[str], names: Names) -> None:
    assert parse(*typed) == names


def test_refused_names_work_with_a_singular_or_a_path(render: Render) -> None:
    project = open_project(render())
    pages, _ = plan(project, parse("pages", "web-page"))
    assert "class WebPage(Entity):" in pages[Path("app/pages/models.py")]
    items, _ = plan(project, parse("menu-items", path="dishes"))
    assert 'prefix="/dishes"' in items[Path("app/menu_items/router.py")]


@pytest.mark.parametrize("name", ["app/orders", "app/orders.py", "tests/orders"])
def test_nothing_is_overwritten(render: Render, name: str) -> None:
    folder = render()
    (folder / name).touch()
    with pytest.raises(Refusal, match=f"{name} exists. Choose another name"):
        plan(open_project(folder), parse("orders"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("V1 = []\n", "V1 = [orders]\n"),
        ("V1 = [items]\n", "V1 = [items, orders]\n"),
        (
            "V1: Routers = (\n    items,\n)\n",
            "V1: Routers = (\n    items,\norders,\n)\n",
        ),
        ("V1 = {Ä.B: f({é})}\n", "V1 = {Ä.B: f({é, orders})}\n"),
    ],
)
def test_lists_of_all_forms_are_extended(before: str, after: str) -> None:
    key = "B" if "Ä" in before else None
    assert add_entry(before, "orders", to="V1", key=key) == after


def test_entries_without_a_list_are_printed(start: Start) -> None:
    project = start({"auth": "none"})
    routers = project.folder / "app" / "api" / "router.py"
    routers.write_text(routers.read_text().replace("V1", "ROUTERS"))
    said = project.run("poe", "new-domain", "orders")
    assert (
        "Add by hand, as these lists are gone:\n  app/api/router.py: orders\n" in said
    )


def test_contracts_hold_for_a_domain_that_none_of_them_names(start: Start) -> None:
    project = start({"auth": "none", "jobs": True})
    write_domain(project, "orders")
    for name, imported, contract in (
        ("app/orders/service.py", "app.items.service", "Domains are used through"),
        ("app/orders/service.py", "app.items.dependencies", "Domains are used through"),
        ("app/integrations/shop.py", "app.orders.models", "Domains are used through"),
        ("app/integrations/shop.py", "app.orders", "Shared code imports"),
        ("app/orders/repository.py", "app.orders.service", "Inside a domain, imports"),
        ("app/orders/jobs.py", "app.orders.service", "Inside a domain, imports"),
        ("app/orders/service.py", "app.core.database.session", "Concerns are used"),
        ("scripts/shop.py", "app.core.database.session", "Concerns are used"),
    ):
        path = project.folder / name
        before = path.read_text() if path.exists() else ""
        path.write_text(f"{before}\nimport {imported}\n")
        said = project.attempt("lint-imports").stdout
        assert re.search(rf"{contract}.* BROKEN", said)
        path.write_text(before)


# --- Where the generator comes from -------------------------------------------------
def refusal(project: Project, **answers: str) -> str:
    """Say where the template is, and run the command for a name that is taken."""
    path = project.folder / ".copier-answers.yml"
    path.write_text(yaml.safe_dump(read_yaml(path) | answers))
    result = project.attempt("poe", "-q", "new-domain", "items")
    assert result.returncode
    return result.stderr


def test_the_generator_has_the_version_of_the_project(
    start: Start, workspace: Path
) -> None:
    project = start()
    repository = workspace / "a template"
    repository.mkdir()
    use_files_of(ROOT, repository)
    make_repository(repository)
    git("tag", "9.8.7", cwd=repository)
    messages = repository / "domains" / "collisions.py"
    messages.write_text(messages.read_text().replace("is taken", "is not free"))
    old, new = 'The path "/items" is taken', 'The path "/items" is not free'
    url = f"git+{repository.as_uri()}"
    # The tag, in a checkout that has other files by now.
    assert old in refusal(project, _src_path=str(repository), _commit="9.8.7")
    assert old in refusal(project, _src_path=url, _commit="9.8.7")
    # What is not committed has no version that git knows.
    assert new in refusal(
        project, _src_path=str(repository), _commit="9.8.7-1-gabcdef0"
    )
    commit_all(repository, "Change")
    later = git("describe", "--tags", cwd=repository).strip()
    assert later.startswith("9.8.7-1-g")
    assert new in refusal(project, _src_path=url, _commit=later)
    nowhere = "Cannot fetch the template that .copier-answers.yml names: "
    for source, reason in {
        "git+file:///nowhere": "fatal: '/nowhere' does not appear to be a git repo",
        "https://localhost:1/template.git": "fatal: unable to access",
        "../nowhere": "there is none in ",
    }.items():
        [line] = refusal(project, _src_path=source, _commit="9.8.7").splitlines()
        assert line.startswith(nowhere + reason)


@pytest.mark.parametrize(
    ("template", "commit", "source"),
    [
        ("gh:acme/api", "0.3.0", "git+https://github.com/acme/api@0.3.0"),
        ("gl:/acme/api", "v1", "git+https://gitlab.com/acme/api@v1"),
        (
            "https://acme.dev/api.git",
            "1.0-2-g1a2b3c4",
            "git+https://acme.dev/api.git@1a2b3c4",
        ),
        ("git@acme.dev:api.git", "1a2b3c4", "git+ssh://git@acme.dev/api.git@1a2b3c4"),
        ("ssh://git@acme.dev:22/api", "1.0", "git+ssh://git@acme.dev:22/api@1.0"),
        ("git+https://acme.dev/api", "1.0", "git+https://acme.dev/api@1.0"),
    ],
)
def test_source_of_the_generator(template: str, commit: str, source: str) -> None:
    script = runpy.run_path(str(ROOT / "template" / "scripts" / "new_domain.py"))
    assert script["find_source"](template, commit) == source
