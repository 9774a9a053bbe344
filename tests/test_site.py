"""The site: it builds, it is whole, and what it shows is what is rendered."""

import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.conftest import Render, run
from tests.guides import DOCS, blocks, hunks, page
from tests.matrix import ROOT, questions
from tests.test_docs import settings_named, settings_of
from tests.trees import with_trees

# Page with commands → the test that types all of them.
TYPED = {
    "ci.md": "test_the_guide_to_ci",
    "deploy.md": "test_deploy",
    "extend.md": "test_extend",
    "generate.md": "test_generate",
    "update.md": "test_the_guide",
    "work.md": "test_work",
}
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
DOCUMENTS = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]


@pytest.fixture
def site(workspace: Path) -> Path:
    """The site, built as ``uv run poe docs`` does."""
    shutil.copy(ROOT / "mkdocs.yml", workspace)
    shutil.copytree(DOCS, workspace / "docs")
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    command = pyproject["tool"]["poe"]["tasks"]["docs"]["cmd"]
    said = run(*shlex.split(command), cwd=workspace)
    assert "--strict" in command
    assert "Warning" not in said
    return workspace / "site"


def test_every_page_is_built_and_needs_nothing_from_elsewhere(site: Path) -> None:
    assert (site / "index.html").exists()
    for name in PAGES:
        built = Path(name).with_suffix("")
        folder = built.parent if built.name in {"index", "README"} else built
        html = (site / folder / "index.html").read_text()
        loaded = r'<(?:script|img)[^>]* src="?([^" >]+)|<link[^>]* href="?([^" >]+)'
        found = {one or other for one, other in re.findall(loaded, html)}
        assert found
        assert not [one for one in found if one.startswith(("http", "//"))]


def test_every_page_is_in_the_navigation() -> None:
    listed = yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"]
    assert sorted(leaves(listed)) == PAGES


def leaves(nav: object) -> Iterator[str]:
    """Return the pages that a navigation names."""
    match nav:
        case str():
            yield nav
        case list():
            for entry in nav:
                yield from leaves(entry)
        case dict():
            for entry in nav.values():
                yield from leaves(entry)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    """Also in the plain files, without a site."""
    for path, _, anchor in links(document.read_text()):
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), path
        if anchor:
            assert anchor in anchors(target.read_text()), f"{path}#{anchor}"


def links(text: str) -> list[tuple[str, str, str]]:
    """Return where a document leads within this repository."""
    targets = re.findall(r"\]\((?!https?:)([^)]+)\)", without_blocks(text))
    return [target.partition("#") for target in targets]


def anchors(text: str) -> set[str]:
    """Return the anchors of the headings, as GitHub and the site name them."""
    headings = re.findall(r"^#+ (.*)$", without_blocks(text), re.MULTILINE)
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in words}


def without_blocks(text: str) -> str:
    """Return a document without its code."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def test_all_commands_are_typed_or_marked() -> None:
    """And every page that has some is typed by the test that is named for it."""
    tests = "".join(path.read_text() for path in ROOT.glob("tests/test_*.py"))
    with_commands = set()
    for name in PAGES:
        found = list(blocks(page(name)))
        fences = re.findall(r"^\s*(?:```|~~~)", page(name), re.MULTILINE)
        assert len(fences) == 2 * len(found), f"{name} has a block of no language"
        for block in found:
            assert block.language in {"console", "diff", "python", "text", "yaml"}
            assert ("$ " in block.text) == (block.language == "console")
            if block.language == "console" and block.runs:
                with_commands.add(name)
            elif block.language == "console":
                for command, _ in block.commands():
                    assert re.search(r"\b(docker|kubectl) ", command), command
    assert with_commands == TYPED.keys()
    for name, test in TYPED.items():
        body = rf'def {test}\((?:(?!\ndef )[\s\S])*?page\("{name}"\)'
        assert re.search(body, tests), f"{test} does not read {name}"


def test_excerpts_are_what_is_rendered(render: Render) -> None:
    """What "choose" compares, and what the first page shows."""
    rendered: dict[str, Path] = {}

    def lines_of(answer: str, path: str) -> str:
        name, _, value = answer.partition("=")
        data = {"true": True, "false": False}.get(value, value)
        answers = {} if questions()[name]["default"] == data else {name: data}
        into = "-".join([*answers, "project"])
        if into not in rendered:
            rendered[into] = render(answers, into=into)
        return (rendered[into] / path).read_text()

    for block in blocks(page("choose.md")):
        before, after, diff = block.text.split("\n", 2)
        for title, sign, side in ((before, "---", 0), (after, "+++", 1)):
            marked, answer, path = title.split()
            assert marked == sign
            text = lines_of(answer, path)
            for hunk in hunks(diff):
                assert hunk[side] in text, f"{title}\n{hunk[side]}"
    for block in blocks(page("index.md")):
        title, _, code = block.text.partition("\n")
        assert code in lines_of("layout=domain", title.removeprefix("# "))


def test_files_and_settings_that_are_named_exist(render: Render) -> None:
    everything = {"redis": True, "jobs": True, "kubernetes": True}
    projects = [
        render(everything | {"layout": layout}, into=layout)
        for layout in ("domain", "layer")
    ]
    settings = settings_of(projects[0])
    for name in PAGES:
        text = page(name)
        assert settings_named(text) <= settings, name
        for path in re.findall(
            r"`((?:app|kubernetes|migrations|proxy)/[\w/.]+)`", text
        ):
            assert any((project / path).exists() for project in projects), path


def test_page_of_trees_is_current(template: Path) -> None:
    fresh = with_trees(page("trees.md"), template)
    assert fresh == page("trees.md"), "Write it again: uv run poe trees"
