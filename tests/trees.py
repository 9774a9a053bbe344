"""``uv run poe trees``: write the files of both layouts into ``docs/trees.md``."""

import re
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

from tests.faster import run_copy
from tests.matrix import ROOT, Answers
from tests.updates import contents, use_files_of

PAGE = ROOT / "docs" / "trees.md"
EVERYTHING: Answers = {"redis": True, "jobs": True, "kubernetes": True}
# Answers that take files away, and how the page calls what they take.
LESS: dict[str, Answers] = {
    "redis": {"redis": False},
    "auth": {"auth": "none"},
    "jobs": {"jobs": False},
    "ci": {"ci": "none"},
    "kubernetes": {"kubernetes": False},
}
# Answers that add others.
OTHERS: dict[str, Answers] = {
    "database=sync": {"database": "sync"},
    "ci=gitlab": {"ci": "gitlab"},
}
# Path → what it is for.
Tree = dict[str, str]


def main() -> None:
    """Write the page again."""
    with tempfile.TemporaryDirectory() as folder:
        use_files_of(ROOT, Path(folder))
        PAGE.write_text(with_trees(PAGE.read_text(), Path(folder)))


def with_trees(page: str, template: Path) -> str:
    """Return the page with the trees of today."""
    domain = tree(template, {"layout": "domain"}, LESS)
    # What else there is does not depend on the layout: its answers are known by now.
    layer = tree(template, {"layout": "layer"}, ["redis", "auth", "jobs"])
    rest = {path: text for path, text in domain.items() if not path.startswith("app/")}
    assert rest.keys() == {path for path in layer if not path.startswith("app/")}
    texts = {
        "domain": ["app/", *drawn(domain, "app/")],
        "layer": ["app/", *drawn(layer, "app/")],
        "rest": drawn(rest),
        "others": others(template, domain.keys()),
    }
    for name, lines in texts.items():
        start, begin, old = page.partition(f"<!-- {name} -->\n\n```text\n")
        assert begin, f"There is no place for {name}"
        page = start + begin + "\n".join(lines) + "\n```" + old.partition("```")[2]
    return page


def rendered(template: Path, answers: Answers) -> Tree:
    """Return what a project with these answers has, and what its modules are for."""
    with tempfile.TemporaryDirectory() as folder:
        run_copy(str(template), folder, data=answers, defaults=True, quiet=True)
        files = contents(Path(folder))
    return {path: summary(path, content) for path, content in files.items()}


def summary(path: str, content: bytes) -> str:
    """Return the first line of a module's docstring."""
    found = re.match(rb'"""(.+?)(?:"""|\n|$)', content)
    return found[1].decode().replace("``", "") if found and path.endswith(".py") else ""


def tree(template: Path, layout: Answers, less: Collection[str]) -> Tree:
    """Return all files of a layout, with the answers that each of them is due to."""
    tree = rendered(template, EVERYTHING | layout)
    for name in less:
        left = rendered(template, EVERYTHING | layout | LESS[name])
        for path in tree.keys() - left.keys():
            tree[path] = f"[{name}] {tree[path]}"
    return tree


def others(template: Path, known: Collection[str]) -> Iterator[str]:
    """Say what is there with other answers only."""
    for name, answers in OTHERS.items():
        more = rendered(template, EVERYTHING | answers)
        for path in sorted(more.keys() - known):
            yield f"{path:<35} [{name}] {more[path]}".rstrip()


def drawn(tree: Tree, folder: str = "", indent: str = "") -> Iterator[str]:
    """Draw what is in a folder: folders first, then files, with what they are for."""
    inside = {path.removeprefix(folder) for path in tree if path.startswith(folder)}
    folders = {f"{path.partition('/')[0]}/" for path in inside if "/" in path}
    entries = [*sorted(folders), *sorted(path for path in inside if "/" not in path)]
    for name in entries:
        branch, below = ("└── ", "    ") if name == entries[-1] else ("├── ", "│   ")
        yield f"{indent + branch + name:<35} {tree.get(folder + name, '')}".rstrip()
        if name in folders:
            yield from drawn(tree, folder + name, indent + below)


if __name__ == "__main__":
    main()
