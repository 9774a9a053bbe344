"""What cannot be added, copied or removed, and why; each ends the process."""

import ast
import builtins
import io
import sys
import tokenize
from collections.abc import Collection, Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy.dialects.postgresql.base import RESERVED_WORDS

from app.api.router import ROUTERS
from app.core.health import health_router
from app.core.http import include_routers
from app.metadata import metadata
from scripts.domains.names import Names
from scripts.domains.project import LISTS, Domain, domains, python_files
from scripts.domains.renaming import Renaming


def refuse_taken(names: Names, files: Iterable[Path]) -> None:
    """Refuse a name that means something here already."""
    name = names.plural
    own = (Path("app", name), Path("app", f"{name}.py"), Path("tests", f"{name}.py"))
    for path in (*own, *files):
        if path.exists():
            raise SystemExit(f"{path} exists already.")
    if name in metadata.tables:
        raise SystemExit(f'There is already a table "{name}".')
    for domain in domains():
        if shared := {*names.both} & {*domain.names.both}:
            raise SystemExit(f'The {domain.names} have the name "{min(shared)}".')
    if name in sys.stdlib_module_names or name in packages_distributions():
        raise SystemExit(f'"{name}" is also the name of a Python package.')
    if name in RESERVED_WORDS:
        raise SystemExit(f'"{name}" is a word of SQL.')
    segment = name.replace("_", "-")
    for _, path_, _ in _endpoints():
        if segment in path_.split("/"):
            raise SystemExit(f"There is already an endpoint {path_}.")


def refuse_twins(model: Domain, renaming: Renaming) -> None:
    """Refuse to copy what would then be there twice under one name."""
    names = [f'a table "{table.name}"' for table in model.tables]
    for module, path, name in _endpoints():
        if module in model.modules:
            names += [f'an endpoint "{path}"', f'an endpoint "{name}"']
    for name in names:
        if not renaming.mentions(name):
            raise SystemExit(f"A copy of the {model.names} would have {name}, too.")


def refuse_confusion(renaming: Renaming, files: Iterable[Path]) -> None:
    """Refuse a name that has another meaning where the domain is named."""
    for path in files:
        pieces = tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline)
        names = {piece.string for piece in pieces if piece.type == tokenize.NAME}
        named = filter(renaming.mentions, names)
        pairs = ((name, renaming.rewrite(name)) for name in named)
        taken = names.union(dir(builtins))
        if confused := sorted(new for old, new in pairs if new in taken - {old}):
            raise SystemExit(f'"{confused[0]}" has another meaning in {path}.')


def refuse_needed(domain: Domain) -> None:
    """Refuse to remove what something else imports, or refers to in the database."""
    for use in uses(domain, "app", "scripts", "tests"):
        raise SystemExit(f"The {domain.names} are needed: {use}.")
    gone = domain.tables
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column.table in gone and table not in gone:
                raise SystemExit(f"The table {table.name} refers to it: {key.parent}.")


def uses(domain: Domain, *folders: str, but: Collection[Path] = ()) -> Iterator[str]:
    """Find where something imports the domain, apart from some files."""
    for path in python_files(*folders):
        if path not in {*domain.files, *LISTS, *but}:
            for line, module in _imports(path):
                if module in domain.modules:
                    yield f"{path}:{line} imports {module}"


def _endpoints() -> Iterator[tuple[str, str, str]]:
    """Find the module, the path and the name of each."""
    app = FastAPI()
    include_routers(app, ROUTERS)
    app.include_router(health_router)
    for context in iter_route_contexts(app.routes):
        module = getattr(context.endpoint, "__module__", "")
        yield module, context.path or "", context.name or ""


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"
