"""Limit and offset, the same for every list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, Field

from app.core.schemas import ResponseSchema

T = TypeVar("T")

MAX_LIMIT = 100
MAX_OFFSET = 2**63 - 1  # as far as PostgreSQL counts


class PageParams(BaseModel):
    """Which part of a list to return."""

    limit: int = Field(default=20, ge=1, le=MAX_LIMIT)
    offset: int = Field(default=0, ge=0, le=MAX_OFFSET)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of the rows, and how many there are in all."""

    items: Sequence[T]
    total: int
    limit: int
    offset: int


class PageRead(ResponseSchema, Generic[T]):
    """A page as clients see it."""

    items: list[T]
    total: int
    limit: int
    offset: int
