"""Schemathesis finds no fault in a project, and finds those that are added."""

import re
from pathlib import Path

from tests.conftest import Render
from tests.matrix import Answers
from tests.test_projects import installed

# A field of each kind, the price of the README among them: in a schema and in a table.
FIELDS = {
    "price": ("int", "int"),
    "is_fragile": ("bool", "bool"),
    "made_on": ("date", "date"),
    "sold_at": ("datetime", "datetime"),
    "weight": ("Decimal", "Decimal"),
    "condition": ("Condition", "str"),
    "tags": ("list[Name]", "list[str]"),
    "size": ("Size", "dict[str, Any]"),
}
MODEL_TYPES = """
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
"""
SCHEMA_TYPES = """
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Condition(StrEnum):
    NEW = "new"
    USED = "used"


class Size(RequestSchema):
    width: int
    height: float | None = None
"""


def test_fuzzing_finds_nothing(
    render: Render, some_variant: Answers, shared: Path
) -> None:
    """With the examples of the generated CI: a new project's first push is green."""
    project = installed(render(some_variant), shared)
    output = project.run("poe", "fuzz")
    # As a stranger, and as a user.
    runs = 2 if some_variant["auth"] == "jwt" else 1
    for phase in ("Coverage", "Fuzzing", "Stateful"):
        assert output.count(f"  ✅ {phase}\n") == runs


def test_fuzzing_finds_nothing_with_fields_of_all_kinds(
    render: Render, some_variant: Answers, shared: Path
) -> None:
    """Requests are accepted if the OpenAPI document allows them, and only then."""
    project = installed(render(some_variant), shared)
    readme = (project.folder / "README.md").read_text()
    guide = readme.partition("\n## Add a field\n")[2]
    models, schemas = re.findall(r"`(app/.+)`: add", guide)
    columns = [
        f"{name}: Mapped[{column} | None]"
        + (" = mapped_column(JSONB)" if "[" in column else "")
        for name, (_, column) in FIELDS.items()
    ]
    add_fields(project.folder / models, MODEL_TYPES, columns)
    fields = [f"{name}: {kind} | None" for name, (kind, _) in FIELDS.items()]
    add_fields(
        project.folder / schemas,
        SCHEMA_TYPES,
        [f"{field} = None" for field in fields],
        [f"{field} = Unset" for field in fields],
        fields,
    )
    project.run("poe", "revision", "add fields of all kinds")
    output = project.run("poe", "fuzz", "--include-path-regex", "/items")
    assert "  ✅ Fuzzing\n" in output


def add_fields(path: Path, types: str, *classes: list[str]) -> None:
    """Add lines to each class, below the line that begins with "description"."""
    head, *rest = re.split(r"(?m)^(    description: .*\n)", path.read_text())
    imports, class_, first = head.partition("\nclass ")
    text = f"{imports}{types}{class_}{first}"
    for line, after, fields in zip(rest[::2], rest[1::2], classes, strict=True):
        text += line + "".join(f"    {field}\n" for field in fields) + after
    path.write_text(text)


def test_fuzzing_finds_an_undocumented_status(render: Render, shared: Path) -> None:
    """With a response that the OpenAPI document does not contain."""
    project = installed(render({"auth": "none"}), shared)
    router = project.folder / "app" / "items" / "router.py"
    documented = "etag=True, responses=problems(404))"
    assert documented in router.read_text()
    router.write_text(router.read_text().replace(documented, "etag=True)"))
    one = ("--include-operation-id", "get_item", "--phases", "coverage")
    found = project.attempt("poe", "fuzz", *one)
    assert found.returncode != 0
    assert "Undocumented status code" in found.stdout
