"""The domains of this project, read from its tables and its files."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Table

from app.core.database import Base
from app.metadata import metadata
from scripts.domains.names import Names

SHARED = {"core", "database", "integrations", "middleware", "security"}
# What names all domains, one beside the other.
CONTRACTS = Path("pyproject.toml")
LISTS = (
    Path("app/api/router.py"),
    Path("app/metadata.py"),
    Path("app/permissions.py"),
    Path("tests/test_isolation.py"),
)


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain with a table of its own, and the files about it alone."""

    names: Names
    files: tuple[Path, ...]

    @property
    def modules(self) -> set[str]:
        """Its modules, as they are imported."""
        return {module_name(path) for path in self.files if path.parts[0] == "app"}

    @property
    def tables(self) -> list[Table]:
        """Its tables."""
        return [table for table, class_ in _models() if self._has(class_)]

    @property
    def others(self) -> list[Names]:
        """Whatever else has a table; its name may contain that of the domain."""
        return [_names(*model) for model in _models() if not self._has(model[1])]

    @property
    def elsewhere(self) -> set[str]:
        """Modules that are not of the domain, their names, and those of libraries."""
        paths = set(python_files("app")) - {*self.files, *LISTS}
        modules = {name for path in paths for name in (path.stem, module_name(path))}
        own = _defined(self.files) | {path.stem for path in self.files}
        # query.order_by() and relationship(order_by=…) are nothing of the orders.
        libraries = _used(self.files) - _defined(python_files("app", "tests"))
        return modules | ((_defined(paths) | libraries) - own)

    def _has(self, class_: type) -> bool:
        return class_.__module__ in self.modules


def find(plural: str) -> Domain:
    """Return a domain, or end the process if there is none of this name."""
    known = {domain.names.plural: domain for domain in domains()}
    try:
        return known[plural.replace("-", "_")]
    except KeyError:
        raise SystemExit(
            f'There is no domain "{plural}" with a table of that name. '
            f"There are: {', '.join(sorted(known)) or 'none'}."
        ) from None


def domains() -> Iterator[Domain]:
    """Find all of them."""
    for table, class_ in _models():
        names = _names(table, class_)
        files = tuple(sorted(_files(names.plural)))
        if any(path.parts[0] == "app" for path in files):
            yield Domain(names, files)


def read_lists() -> dict[Path, str]:
    """Return the files that name all domains."""
    paths = filter(Path.exists, (CONTRACTS, *LISTS))
    return {path: path.read_text("utf-8") for path in paths}


def python_files(*folders: str) -> list[Path]:
    """Return all modules in some folders."""
    return sorted(path for folder in folders for path in Path(folder).rglob("*.py"))


def module_name(path: Path) -> str:
    """Return how a file is imported."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _models() -> Iterator[tuple[Table, type]]:
    for mapper in Base.registry.mappers:
        if isinstance(mapper.local_table, Table):
            yield mapper.local_table, mapper.class_


def _names(table: Table, class_: type) -> Names:
    singular = re.sub(r"(?<!^)(?=[A-Z])", "_", class_.__name__).lower()
    return Names(table.name, singular)


def _files(plural: str) -> Iterator[Path]:
    folder = Path("app", plural)
    if folder.is_dir():
        yield from python_files(str(folder))
    else:
        for path in python_files("app"):
            if path.parts[1] not in SHARED and _belongs(path.stem, plural):
                yield path
    for path in python_files("tests"):
        stem = path.stem.removeprefix("test_")
        if plural in path.parts or (stem != path.stem and _belongs(stem, plural)):
            yield path


def _belongs(stem: str, plural: str) -> bool:
    """Tell ``orders_cache`` of ``orders`` from that of another domain with its name."""
    others = [name for name in metadata.tables if name.startswith(f"{plural}_")]
    if any(stem == other or stem.startswith(f"{other}_") for other in others):
        return False
    return stem == plural or stem.startswith(f"{plural}_")


def _defined(paths: Iterable[Path]) -> set[str]:
    return {
        name
        for path in paths
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in _bound(node)
    }


def _used(paths: Iterable[Path]) -> set[str]:
    """Return the names after dots and of arguments."""
    return {
        name
        for path in paths
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in (getattr(node, "attr", None), getattr(node, "arg", None))
        if isinstance(name, str)
    }


def _bound(node: ast.AST) -> Iterator[str]:
    match node:
        case (
            ast.ClassDef(name=name)
            | ast.FunctionDef(name=name)
            | ast.AsyncFunctionDef(name=name)
            | ast.arg(arg=name)
            | ast.Name(id=name, ctx=ast.Store())
            | ast.Attribute(attr=name, ctx=ast.Store())
        ):
            yield name
