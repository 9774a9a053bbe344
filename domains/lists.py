"""The modules of a project that list all domains."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from domains.definitions import is_free
from domains.insertions import add_entry, add_import, add_member
from domains.names import Names
from domains.project import Project, module_name

ROUTERS = Path("app/api/router.py")
METADATA = Path("app/metadata.py")
PERMISSIONS = Path("app/permissions.py")
ISOLATION = Path("tests/api/test_isolation.py")

# A module, what to add to it, and the function that does; it raises ``LookupError``.
Entry = tuple[Path, str, Callable[[str, str], str]]


def extend_lists(project: Project, names: Names) -> tuple[dict[Path, str], list[str]]:
    """Return the modules with their new entries, and the entries without a place."""
    texts: dict[Path, str] = {}
    left: list[str] = []
    for path, entry, add in entries(project, names):
        try:
            texts[path] = add(texts.get(path) or project.read(path), entry)
        except (FileNotFoundError, LookupError):
            left.append(f"{path}: {entry}")
    return texts, left


def entries(project: Project, names: Names) -> Iterator[Entry]:
    """Return what a domain adds to which list."""
    yield from router(project, names)
    models = module_name(project.modules(names)["models"])
    yield METADATA, f"from {models} import {names.model}", add_import
    yield METADATA, f'"{names.model}"', partial(add_entry, to="__all__")
    if project.has_auth:
        yield from permissions(names)
        yield from smallest_bodies(names)


def router(project: Project, names: Names) -> Iterator[Entry]:
    """Return the entries for the endpoints."""
    module = module_name(project.modules(names)["router"])
    name = names.plural
    if not is_free(name, project.read(ROUTERS)):
        name = f"{name}_router"
    yield ROUTERS, f"from {module} import router as {name}", add_import
    yield ROUTERS, name, partial(add_entry, to="V1")


def permissions(names: Names) -> Iterator[Entry]:
    """Return the permissions: users have those for their own rows."""
    for scope in ("read", "write", "read-all", "write-all"):
        name = f"{names.plural}_{scope}".replace("-", "_").upper()
        member = f'{name} = "{names.scope}:{scope}"'
        yield PERMISSIONS, member, partial(add_member, to="Permission")
        if not scope.endswith("-all"):
            granted = partial(add_entry, to="ROLES", key="USER")
            yield PERMISSIONS, f"Permission.{name}", granted


def smallest_bodies(names: Names) -> Iterator[Entry]:
    """Return the smallest bodies that the endpoints accept."""
    for verb in ("create", "update"):
        body = f'"{verb}_{names.singular}": {{"name": "First"}}'
        yield ISOLATION, body, partial(add_entry, to="BODIES")
