"""The SQL statements that a test causes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

Statement = tuple[str, Any]  # and its values


@contextmanager
def record_statements(part: str = "") -> Iterator[list[Statement]]:
    """Record the statements that contain a text, with their values."""
    statements: list[Statement] = []

    def note(_c: object, _cursor: object, sql: str, values: object, *_: object) -> None:
        if part in sql:
            statements.append((sql, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)
