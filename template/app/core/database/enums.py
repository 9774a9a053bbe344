"""Enumerations stored as text, which tolerate values of a newer release."""

import logging
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

from sqlalchemy import Dialect, String, TypeDecorator

E = TypeVar("E", bound=StrEnum)

logger = logging.getLogger(__name__)


class StoredEnum(TypeDecorator[E]):
    """An enumeration that is stored as text.

    A value that this release does not know is read as ``fallback``: during a rolling
    deploy and after a rollback, some rows come from a newer release. Choose the member
    that grants the least. The row keeps its value until the column is set. Queries
    compare the stored values.
    """

    impl = String
    cache_ok = True

    def __init__(self, kind: type[E], *, fallback: E, length: int = 20) -> None:
        if max(map(len, kind)) > length:
            message = f"{kind.__name__} has values of more than {length} characters."
            raise ValueError(message)
        super().__init__(length)
        self.kind = kind
        self.fallback = fallback
        self.length = length

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the text to store; raises ``ValueError`` for an unknown value."""
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:  # noqa: ARG002
        """Return the member for a stored text."""
        if value is None:
            return None
        try:
            return self.kind(value)
        except ValueError:
            _warn_once(self.kind, value, self.fallback)
            return self.fallback

    def compare_values(self, x: E | None, y: E | None) -> bool:
        """Compare values. The fallback never equals: the stored value may differ."""
        return x is y and x is not self.fallback


@lru_cache(maxsize=1000)
def _warn_once(kind: type[StrEnum], value: str, fallback: StrEnum) -> None:
    logger.warning(
        "This release does not know the stored %s %r and reads it as %r",
        kind.__name__,
        value,
        fallback.value,
    )
