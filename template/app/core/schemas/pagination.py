"""Pages of lists: by limit and offset, or by limit and cursor."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
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


class Page(ResponseSchema, Generic[T]):
    """A page of rows or of their schemas, and the total count."""

    model_config = ConfigDict(arbitrary_types_allowed=True)  # rows

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


class CursorPage(ResponseSchema, Generic[T]):
    """A page of rows or of their schemas, and the cursor of the next page."""

    model_config = ConfigDict(arbitrary_types_allowed=True)  # rows

    items: list[T]
    next_cursor: Cursor | None
