"""The domains of this project, read from its tables and its files."""

import ast
import re
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import Table

from app.api.router import include_routers
from app.database.base import Base
from app.metadata import metadata
from scripts.domains.names import Names

SHARED = {"core", "database", "integrations", "middleware", "security"}
# What names all domains, one beside the other.
CONTRACTS = Path("pyproject.toml")
LISTS = (
    Path("app/api/router.py"),
    Path("app/metadata.py"),
    Path("app/security/permissions.py"),
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
        paths = (path for path in self.files if path.parts[0] == "app")
        return {_module(path) for path in paths}

    @property
    def tables(self) -> list[Table]:
        """Its tables."""
        return [
            mapper.local_table
            for mapper in Base.registry.mappers
            if mapper.class_.__module__ in self.modules
            and isinstance(mapper.local_table, Table)
        ]


def find(plural: str) -> Domain:
    """Return a domain, or end the process if there is none of this name."""
    plural = plural.replace("-", "_")
    for mapper in Base.registry.mappers:
        if getattr(mapper.local_table, "name", "") == plural:
            singular = re.sub(r"(?<!^)(?=[A-Z])", "_", mapper.class_.__name__).lower()
            files = tuple(sorted(_files(plural)))
            if any(path.parts[0] == "app" for path in files):
                return Domain(Names(plural, singular), files)
    known = ", ".join(sorted(name for name in metadata.tables if any(_files(name))))
    raise SystemExit(
        f'There is no domain "{plural}" with a table of that name.'
        + (f" There are: {known}." if known else "")
    )


def _files(plural: str) -> Iterator[Path]:
    folder = Path("app", plural)
    if folder.is_dir():
        yield from (path for path in folder.rglob("*") if path.suffix == ".py")
    else:
        for path in Path("app").rglob("*.py"):
            if path.parts[1] not in SHARED and _belongs(path.stem, plural):
                yield path
    for path in Path("tests").glob("test_*.py"):
        if _belongs(path.stem.removeprefix("test_"), plural):
            yield path


def _belongs(stem: str, plural: str) -> bool:
    """Tell ``orders_cache`` of ``orders`` from that of another domain with its name."""
    others = [name for name in metadata.tables if name.startswith(f"{plural}_")]
    if any(stem == other or stem.startswith(f"{other}_") for other in others):
        return False
    return stem == plural or stem.startswith(f"{plural}_")


def _module(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def refuse_taken(names: Names, files: Iterable[Path]) -> None:
    """End the process if the name means something here already."""
    name = names.plural
    own = (Path("app", name), Path("app", f"{name}.py"), Path("tests", f"{name}.py"))
    for path in (*own, *files):
        if path.exists():
            raise SystemExit(f"{path} exists already.")
    if name in metadata.tables:
        raise SystemExit(f'There is already a table "{name}".')
    if name in sys.stdlib_module_names or name in packages_distributions():
        raise SystemExit(f'"{name}" is also the name of a Python package.')
    app = FastAPI()
    include_routers(app)
    segment = name.replace("_", "-")
    for context in iter_route_contexts(app.routes):
        path_ = str(getattr(context, "path", ""))
        if segment in path_.split("/"):
            raise SystemExit(f"There is already an endpoint {path_}.")


def refuse_needed(domain: Domain, lists: Collection[Path]) -> None:
    """End the process if something else needs the domain."""
    for path in (one for top in ("app", "scripts", "tests") for one in _python(top)):
        if path not in domain.files and path not in lists:
            for line, module in _imports(path):
                if module in domain.modules:
                    raise SystemExit(f"{path}:{line} needs it: import of {module}")
    gone = domain.tables
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table in gone and table not in gone:
                raise SystemExit(f"The table {table.name} refers to it: {key.parent}.")


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def _python(folder: str) -> list[Path]:
    return sorted(Path(folder).rglob("*.py"))
