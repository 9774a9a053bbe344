"""Which code tree proves which content: ``uv run poe proof ID`` lists it for a tree.

The trees of ``server_variants`` run all of their tests. In the other ones a module of
tests runs for each content that has not been there before, its own or that of a file it
is about, and for each pair of answers; a module with slow tests for each content.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import combinations
from pathlib import Path, PurePosixPath

from tests.faster import run_copy
from tests.matrix import (
    ROOT,
    TEXT_ONLY,
    Answers,
    code_variants,
    server_variants,
    variant_id,
)
from tests.updates import use_files_of

# Path of each Python file of a tree → its text.
Contents = Mapping[str, str]

# They compare a service with its documents, settings and tables: each tree runs them.
EVERYWHERE = (
    "tests/api/test_lists.py",
    "tests/api/test_migrations.py",
    "tests/api/test_models.py",
    "tests/api/test_openapi.py",
    "tests/api/test_settings.py",
)


def contents(tree: Path) -> Contents:
    """Read all Python files of a tree; most are the same in most trees."""
    return {
        path.relative_to(tree).as_posix(): sys.intern(path.read_text())
        for path in sorted(tree.rglob("*.py"))
    }


def code_trees(rendered: Callable[[Answers], Path]) -> dict[str, Contents]:
    """Read all code trees; ``rendered`` returns the folder of one."""
    return {variant_id(one): contents(rendered(one)) for one in code_variants()}


def is_test(path: str) -> bool:
    """Tell whether a file is a module of tests."""
    return path.startswith("tests/") and PurePosixPath(path).name.startswith("test_")


def is_slow(text: str) -> bool:
    """Tell whether a module has tests that start the service in a process."""
    return "mark.slow" in text


def modules_about(path: str, tree: Contents) -> set[str]:
    """Return the modules of tests that are about a file of a tree.

    For ``app/core/etags/etags.py`` it is ``tests/core/etags/test_etags.py``, or if
    there is none, all in ``tests/core/etags``; for ``app/items/service.py``, and for
    ``app/services/items.py``, all in ``tests/items``; for others, those of each tree.
    """
    if is_test(path):
        return {path}
    for folder in folders_about(path):
        namesake = f"{folder}/test_{PurePosixPath(path).name}"
        if namesake in tree:
            return {namesake}
        if found := modules_in(folder, tree):
            return found
    return set(EVERYWHERE)


def modules_about_changes(before: Contents, after: Contents) -> set[str]:
    """Return the modules of tests that are about what is new in a tree."""
    changed = [path for path in after if after[path] != before.get(path)]
    return set[str]().union(*(modules_about(path, after) for path in changed))


def modules_in(folder: str, tree: Contents) -> set[str]:
    """Return the modules of tests in a folder."""
    return {one for one in tree if one.startswith(f"{folder}/") and is_test(one)}


def folders_about(path: str) -> Iterator[str]:
    """Name the folders that tests about a file may be in."""
    parts = PurePosixPath(path).with_suffix("").parts
    if parts[1] == "core":
        yield "/".join(("tests", *parts[1:3]))
        return
    for part in parts:
        if part not in {"api", "app", "support", "tests"}:
            words = part.split("_")
            for number in range(len(words), 0, -1):
                yield f"tests/{'_'.join(words[:number])}"


def deal(trees: Mapping[str, Contents]) -> dict[str, set[str]]:
    """Return the modules of tests that each tree runs; together they prove all."""
    answers = {variant_id(one): one for one in code_variants()}
    complete = {variant_id(one) for one in server_variants()}
    dealt = {
        name: {one for one in tree if is_test(one) and name in complete}
        for name, tree in trees.items()
    }
    subjects = {name: subjects_of(tree) for name, tree in trees.items()}
    for module in sorted({one for about in subjects.values() for one in about}):
        facts = {
            name: about[module]
            | (set() if is_slow(trees[name][module]) else pairs(answers[name]))
            for name, about in subjects.items()
            if module in about
        }
        seen = set[object]().union(*(facts[one] for one in facts if one in complete))
        while new := {name: found - seen for name, found in facts.items()}:
            name = max(new, key=lambda one: (len(new[one]), -len(dealt[one])))
            if not new[name]:
                break
            seen |= facts[name]
            dealt[name].add(module)
        for name in facts if module in EVERYWHERE else ():
            dealt[name].add(module)
    return dealt


def subjects_of(tree: Contents) -> dict[str, set[object]]:
    """Return the contents that each module of tests is about, with its own."""
    about: dict[str, set[object]] = {}
    for path, content in tree.items():
        for module in modules_about(path, tree):
            about.setdefault(module, set()).add((path, content))
    return about


def pairs(answers: Answers) -> set[object]:
    """Return each two answers that change code; the layout only moves files."""
    left_out = {"layout", *TEXT_ONLY}
    kept = [(name, value) for name, value in answers.items() if name not in left_out]
    return set(combinations(kept, 2))


def provers(
    path: str, name: str, trees: Mapping[str, Contents], dealt: Mapping[str, set[str]]
) -> dict[str, list[str]]:
    """Return each module about a file, and the trees with this content that run it."""
    same = [one for one in trees if trees[one].get(path) == trees[name][path]]
    return {
        module: [one for one in same if module in dealt[one]]
        for module in modules_about(path, trees[name])
    }


def render(folder: Path, answers: Answers) -> Path:
    """Render a project in a folder, which keeps what Copier reads."""
    template, project = folder / "template", folder / variant_id(answers)
    if not template.exists():
        template.mkdir()
        use_files_of(ROOT, template)
    run_copy(str(template), project, data=answers, defaults=True, quiet=True)
    return project


def main() -> None:
    """Print each Python file of a tree, and which tests prove it in which trees."""
    parser = argparse.ArgumentParser(description=__doc__)
    names = [variant_id(one) for one in code_variants()]
    parser.add_argument("id", choices=names, metavar="ID", help="see uv run poe matrix")
    name = parser.parse_args().id
    with tempfile.TemporaryDirectory() as folder:
        trees = code_trees(partial(render, Path(folder)))
    dealt = deal(trees)
    for path in trees[name]:
        for module, found in sorted(provers(path, name, trees, dealt).items()):
            print(f"{path}: {module}: {' '.join(found)}")  # noqa: T201


if __name__ == "__main__":
    main()
