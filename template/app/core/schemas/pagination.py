"""Pages of lists: by limit and offset, or by limit and cursor."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from app.core.schemas.schemas import ResponseSchema

T = TypeVar("T")

MAX_LIMIT = 100
MAX_OFFSET = 10_000  # PostgreSQL reads all rows that it skips


def _check_offset(offset: int) -> int:
    if offset > MAX_OFFSET:
        raise PydanticCustomError(
            "offset",
            "Input should be less than or equal to {max}. Lists by cursor have no end",
            {"max": MAX_OFFSET},
        )
    return offset


class PageParams(BaseModel):
    """The page of a list to return."""

    limit: int = Field(default=20, ge=1, le=MAX_LIMIT)
    offset: Annotated[int, AfterValidator(_check_offset)] = Field(
        default=0, ge=0, json_schema_extra={"maximum": MAX_OFFSET}
    )


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A page of rows, and the total count."""

    items: Sequence[T]
    total: int
    limit: int
    offset: int


class PageRead(ResponseSchema, Generic[T]):
    """A page in a response."""

    items: list[T]
    total: int
    limit: int
    offset: int


def _encode(id_: UUID) -> str:
    return urlsafe_b64encode(id_.bytes).decode().removesuffix("==")


def _decode(cursor: object) -> UUID:
    if isinstance(cursor, UUID):
        return cursor
    try:
        id_ = UUID(bytes=urlsafe_b64decode(f"{cursor}=="))
    except ValueError:
        id_ = None
    if id_ is None or _encode(id_) != cursor:
        raise PydanticCustomError("cursor", "This is not the next_cursor of a page")
    return id_


# The id of the last row of a page; clients see an opaque text.
Cursor = Annotated[
    UUID,
    BeforeValidator(_decode),
    PlainSerializer(_encode),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9_-]{21}[AQgw]$"}),
]


class CursorParams(BaseModel):
    """The page of a list to return, after the cursor of another page."""

    limit: int = Field(default=20, ge=1, le=MAX_LIMIT)
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True)
class CursorPage(Generic[T]):
    """A page of rows, and the id of its last row if there are more."""

    items: Sequence[T]
    next_cursor: UUID | None


class CursorPageRead(ResponseSchema, Generic[T]):
    """A page in a response, with the cursor of the next page."""

    items: list[T]
    next_cursor: Cursor | None
