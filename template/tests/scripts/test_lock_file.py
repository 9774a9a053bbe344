"""The lock file names no package index but those of the project, such as a mirror."""

import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

PYPI = {"pypi.org", "files.pythonhosted.org"}
MIRROR = "mirror.example.com"
ADVICE = (
    "uv.lock names hosts that others may not reach, from UV_DEFAULT_INDEX, UV_INDEX_URL"
    " or a uv.toml of yours. Lock again without it, or, if all of you use that index,"
    ' name it in pyproject.toml: [[tool.uv.index]], url = "…", default = true'
)


def host(url: str) -> str:
    """Return the host of a URL."""
    return urlsplit(url).hostname or ""


def own_indexes(settings: dict[str, Any]) -> set[str]:
    """Return the hosts of the indexes that the project names itself."""
    uv = settings.get("tool", {}).get("uv", {})
    urls = [index["url"] for index in uv.get("index", [])]
    urls += [uv.get("index-url", ""), *uv.get("extra-index-url", [])]
    return {host(url) for url in urls}


def unexpected(lock: dict[str, Any], settings: dict[str, Any]) -> set[str]:
    """Return the hosts that a lock file names although the project does not."""
    known = PYPI | own_indexes(settings)
    found = set()
    for package in lock["package"]:
        index = host(package["source"].get("registry", ""))
        found.add(index)
        if index in PYPI:  # others may keep their files anywhere
            files = [package.get("sdist", {}), *package.get("wheels", [])]
            found |= {host(file.get("url", "")) for file in files}
    return found - known - {""}


def locked(index: str, files: str) -> dict[str, Any]:
    """Return a lock file with one package."""
    wheel = {"url": f"https://{files}/shop-1.whl"}
    source = {"registry": f"https://{index}/simple"}
    return {"package": [{"name": "shop", "source": source, "wheels": [wheel]}]}


def test_the_lock_file_names_only_indexes_of_the_project() -> None:
    if not Path("uv.lock").exists():
        pytest.skip("There is no lock file yet")
    lock = tomllib.loads(Path("uv.lock").read_text())
    settings = tomllib.loads(Path("pyproject.toml").read_text())
    assert unexpected(lock, settings) == set(), ADVICE


@pytest.mark.parametrize(
    "lock", [locked(MIRROR, MIRROR), locked("pypi.org", MIRROR)], ids=["index", "files"]
)
def test_a_mirror_is_found_unless_the_project_names_it(lock: dict[str, Any]) -> None:
    assert unexpected(lock, {}) == {MIRROR}
    named = {"tool": {"uv": {"index": [{"url": f"https://{MIRROR}/simple/"}]}}}
    assert unexpected(lock, named) == set()
