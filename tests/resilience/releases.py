"""Releases of a project: the second expands what the first has, the third contracts."""

import shutil
from pathlib import Path
from typing import NamedTuple

from tests.edits import head, insert, module

MIGRATION = '''"""Release {number}."""

from alembic import op

revision: str = "{number:012}"
down_revision: str | None = "{before}"


def upgrade() -> None:
    op.execute("ALTER TABLE items {change}")
'''
CONDITIONS = '''"""How good an item is."""

from enum import StrEnum


class Condition(StrEnum):
    """The values that this release knows."""

'''
IMPORTS = """
from app.conditions import Condition
from app.core.database import StoredEnum
"""


class Field(NamedTuple):
    """A field of an item: its default in a request, and the arguments of its column."""

    name: str
    type: str
    default: str
    column: str


CONDITION = Field(
    "condition",
    "Condition",
    "Condition.NEW",
    'StoredEnum(Condition, fallback=Condition.USED), server_default="new"',
)
SHELF = Field("shelf", "str | None", "None", "String(20)")
PRICE = Field("price", "int", "0", 'server_default="0"')


class Release(NamedTuple):
    """What a release adds to the rendered project."""

    conditions: tuple[str, ...]
    fields: tuple[Field, ...]
    change: str
    has_auditors: bool = False

    @property
    def field_names(self) -> list[str]:
        """The names of the fields."""
        return [field.name for field in self.fields]


RELEASES = {
    0: Release(conditions=(), fields=(), change=""),
    1: Release(
        conditions=("new", "used"),
        fields=(CONDITION, SHELF),
        change="ADD condition varchar(20) NOT NULL DEFAULT 'new',"
        " ADD shelf varchar(20)",
    ),
    2: Release(
        conditions=("new", "used", "broken"),
        fields=(CONDITION, PRICE),  # the shelf is neither read nor written
        change="ADD price int NOT NULL DEFAULT 0",
        has_auditors=True,
    ),
    3: Release(
        conditions=("new", "used", "broken"),
        fields=(CONDITION, PRICE._replace(column="")),
        change="DROP shelf, ALTER price DROP DEFAULT",
        has_auditors=True,
    ),
}
# File, start of a line, text that follows it: a role and a scope.
AUDITORS = {
    "    USERS_WRITE_ALL": '    ITEMS_AUDIT = "items:audit"\n',
    '    ADMIN = "': '    AUDITOR = "auditor"\n',
    "    Role.ADMIN: ": "    Role.AUDITOR: frozenset("
    "{Permission.ITEMS_READ, Permission.ITEMS_WRITE, Permission.ITEMS_AUDIT}),\n",
}


def make_release(project: Path, number: int, folder: Path) -> None:
    """Copy a project to a folder, and make this release of it."""
    shutil.copytree(project, folder, symlinks=True)
    release = RELEASES[number]
    _add_fields(folder, release)
    _add_revisions(folder, number)
    permissions = folder / "app" / "permissions.py"
    if release.has_auditors and permissions.exists():
        for line, text in AUDITORS.items():
            insert(permissions, line, text)


def _add_fields(folder: Path, release: Release) -> None:
    members = [f'    {name.upper()} = "{name}"\n' for name in release.conditions]
    (folder / "app" / "conditions.py").write_text(CONDITIONS + "".join(members))
    models, schemas = (folder / module(folder, role) for role in ("models", "schemas"))
    for path in (models, schemas):
        insert(path, "from uuid import", IMPORTS)
    insert(
        models,
        "    description: ",
        "".join(
            f"    {field.name}: Mapped[{field.type}] = mapped_column({field.column})\n"
            for field in release.fields
        ),
    )
    # In the order of the schemas: for a new item, for changes, and as it is read.
    defaults = (" = {default}", " = Unset", "")
    first, *others = schemas.read_text().split("    description: ")
    for default, other in zip(defaults, others, strict=True):
        line, _, rest = other.partition("\n")
        first += f"    description: {line}\n"
        for field in release.fields:
            suffix = default.format(default=field.default)
            first += f"    {field.name}: {field.type}{suffix}\n"
        first += rest
    schemas.write_text(first)


def _add_revisions(folder: Path, newest: int) -> None:
    before = head(folder)
    for number in range(1, newest + 1):
        path = folder / "migrations" / "versions" / f"release_{number}.py"
        change = RELEASES[number].change
        path.write_text(MIGRATION.format(number=number, before=before, change=change))
        before = f"{number:012}"
