"""Versions of the template, and what projects know of theirs."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from packaging.version import Version
from plumbum import local

from tests.conftest import Render, run
from tests.matrix import ROOT
from tests.updates import LATER, PRESENT, REFUSED, RELEASES, copy

# A URL as users type it, and the pages it leads to.
ADDRESSES = [
    ("gh:owner/name", "https://github.com/owner/name"),
    ("gh:owner/name.git", "https://github.com/owner/name"),
    ("https://github.com/owner/name", "https://github.com/owner/name"),
    ("git+https://github.com/owner/name.git", "https://github.com/owner/name"),
    ("git@github.com:owner/name.git", "https://github.com/owner/name"),
    ("gl:group/sub/name", "https://gitlab.com/group/sub/name/-"),
    ("https://me:s3cret@gitlab.com/a/b.git", "https://gitlab.com/a/b/-"),
    ("ssh://git@gitlab.example.com/a/b.git", "https://gitlab.example.com/a/b/-"),
    ("https://git.example.com/owner/name.git", None),
]


def test_changelog_lists_the_releases() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    versions = re.findall(r"^## (\d+\.\d+\.\d+), \d{4}-\d\d-\d\d$", text, re.MULTILINE)
    released = [version for version in versions if version not in REFUSED]
    # The newest is known by its commit only after that has been made.
    assert list(RELEASES)[::-1] in (released, released[1:])
    assert sorted(versions, key=Version, reverse=True) == versions
    about = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert about["version"] == versions[0]


def test_releases_follow_each_other(releases: Path) -> None:
    order = [*REFUSED, *RELEASES, PRESENT, LATER]
    for older, newer in pairwise(order):
        run("git", "merge-base", "--is-ancestor", older, newer, cwd=releases)


def stay_current(project: Path) -> str:
    """Return the last chapter of a README."""
    return (project / "README.md").read_text().partition("\n## Stay current\n")[2]


def test_a_project_from_no_repository_has_no_version(render: Render) -> None:
    text = stay_current(render())
    assert "uvx copier update" in text
    assert "Version" not in text


def test_a_project_tells_its_version(releases: Path, workspace: Path) -> None:
    run("copier", "copy", "--defaults", releases, "shop", cwd=workspace)
    text = stay_current(workspace / "shop")
    assert text.endswith(f"\n\nVersion of the template: {LATER}\n")
    assert str(releases) not in text


@pytest.mark.parametrize(("address", "pages"), ADDRESSES)
def test_a_project_leads_to_what_has_changed(
    releases: Path,
    workspace: Path,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    pages: str | None,
) -> None:
    """For each URL, git finds the repository in this folder."""
    config = workspace / "gitconfig"
    plain = address.removeprefix("git+")
    hosts = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}
    for short, host in hosts.items():
        plain = plain.replace(short, host)
    names = {plain, plain.removesuffix(".git") + ".git"}
    lines = "".join(f"\tinsteadOf = {name}\n" for name in names)
    config.write_text(f'[url "{releases}"]\n{lines}')
    monkeypatch.setenv("COPIER_CACHE_DIR", str(workspace / "cache"))
    with local.env(GIT_CONFIG_GLOBAL=str(config)):
        copy(address, workspace / "shop", PRESENT, {})
    text = stay_current(workspace / "shop")
    commit = run("git", "rev-parse", PRESENT, cwd=releases).strip()
    links = re.findall(r"\]\((http[^)]+)\)", text)[1:]
    expected = [f"compare/{commit}...HEAD", "blob/HEAD/docs/update.md"]
    assert links == ([f"{pages}/{path}" for path in expected] if pages else [])
    assert "s3cret" not in text
    answers = yaml.safe_load((workspace / "shop" / ".copier-answers.yml").read_text())
    assert answers["_src_path"] == address
