"""The order of a list, and cursors that follow it (keyset pagination)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID
from zlib import crc32

from pydantic import TypeAdapter
from sqlalchemy import Column, ColumnElement, literal, tuple_

from app.core.database.base import Entity
from app.core.errors import InvalidInputError
from app.core.schemas import ListParams


class InvalidCursorError(InvalidInputError):
    """The cursor belongs to another list, sort or filter."""

    def __init__(self) -> None:
        super().__init__(
            "The cursor is not the next_cursor of a page of this list with the same "
            "sort and filters."
        )


class Keyset:
    """The order by one column, and by id among rows with equal values.

    A cursor holds both values of the last row of a page, so that concurrent inserts and
    deletes neither repeat nor skip other rows. As in PostgreSQL, NULL is the highest
    value.
    """

    def __init__(self, model: type[Entity], query: ListParams) -> None:
        self.name = query.sort.removeprefix("-")
        self.descending = query.sort.startswith("-")
        columns = model.__mapper__.columns
        self.column, self.id = columns[self.name], columns["id"]
        self._model, self._query = model, query

    @cached_property
    def checksum(self) -> int:
        """The checksum of the list, its sort and its filters, for cursors."""
        # Without defaults: a release that adds a filter accepts the cursors of others.
        filters = self._query.model_dump_json(exclude={"sort"}, exclude_defaults=True)
        text = f"{self._model.__name__} {self._query.sort} {filters}"
        return crc32(text.encode())

    @property
    def order(self) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """The arguments of ``order_by``."""
        if self.descending:
            return self.column.desc(), self.id.desc()
        return self.column.asc(), self.id.asc()

    def cursor(self, row: Entity) -> str:
        """Return the cursor after a row."""
        content = (self.checksum, getattr(row, self.name), row.id)
        json = _content(self.column).dump_json(content)
        return urlsafe_b64encode(json).decode().rstrip("=")

    def after(self, cursor: str) -> ColumnElement[bool]:
        """Return the condition of the rows after a cursor.

        Raises ``InvalidCursorError``.
        """
        value, id_ = self._read(cursor)
        if value is None:
            later = self.id < id_ if self.descending else self.id > id_
            nulls = self.column.is_(None) & later
            return nulls | self.column.is_not(None) if self.descending else nulls
        row = tuple_(self.column, self.id)
        last = tuple_(literal(value, self.column.type), literal(id_, self.id.type))
        if self.descending:
            return row < last
        if self.column.nullable:
            return (row > last) | self.column.is_(None)
        return row > last

    def _read(self, cursor: str) -> tuple[Any, UUID]:
        try:
            json = urlsafe_b64decode(f"{cursor}==")
            checksum, value, id_ = _content(self.column).validate_json(json)
        except ValueError:
            raise InvalidCursorError from None
        if checksum != self.checksum:
            raise InvalidCursorError
        return value, id_


@lru_cache
def _content(column: Column[Any]) -> TypeAdapter[tuple[int, Any, UUID]]:
    """Return the type of what a cursor holds: checksum, value and id."""
    value = column.type.python_type
    return TypeAdapter(tuple[int, value | None, UUID])  # type: ignore[valid-type]
