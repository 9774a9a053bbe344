"""Rules for all models."""

import pytest
from sqlalchemy import Column, Enum

from app.metadata import metadata

COLUMNS = [column for table in metadata.sorted_tables for column in table.columns]


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_every_stored_enum_has_a_fallback(column: Column[object]) -> None:
    """An ``Enum`` of SQLAlchemy fails for a value that only a newer release knows."""
    kind = column.type
    assert not isinstance(getattr(kind, "item_type", kind), Enum)
