"""The interfaces of the concerns in ``app/core``."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

FILES = [*Path("app").rglob("*.py"), *Path("scripts").rglob("*.py")]
CONCERN = 3  # parts of the name of a concern


def imported(file: Path) -> Iterator[tuple[str, ...]]:
    """Yield the modules that a file imports, in parts."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            parts = tuple(node.module.split("."))
            yield parts
            for alias in node.names:
                if Path(*parts, f"{alias.name}.py").exists():
                    yield (*parts, alias.name)
        elif isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)


@pytest.mark.parametrize("file", FILES, ids=str)
def test_module_uses_only_what_a_concern_lists(file: Path) -> None:
    """``from app.core.errors import Problem``, not ``app.core.errors.problems``."""
    for module in imported(file):
        if module[:2] == ("app", "core") and len(module) > CONCERN:
            concern = module[:CONCERN]
            assert concern == file.parts[:CONCERN], f"Use {'.'.join(concern)} itself."
