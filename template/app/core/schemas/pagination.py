"""Lists: filters and order, and pages by limit and offset or by limit and cursor."""

from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
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


class ListParams(BaseModel):
    """Base of the filters and the order of a list.

    A list that clients may sort declares the columns, with "-" for descending order:
    ``sort: Literal["created_at", "-created_at"] = "-created_at"``. Each needs an index
    that ends with the id.
    """

    model_config = ConfigDict(frozen=True)

    sort: str = "-id"


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


# Clients see an opaque text.
Cursor = Annotated[str, StringConstraints(pattern="^[A-Za-z0-9_-]+$")]


class CursorParams(BaseModel):
    """The page of a list to return, after the cursor of another page."""

    limit: int = Field(default=20, ge=1, le=MAX_LIMIT)
    cursor: Cursor | None = None


class CursorPage(ResponseSchema, Generic[T]):
    """A page of rows or of their schemas, and the cursor of the next page."""

    model_config = ConfigDict(arbitrary_types_allowed=True)  # rows

    items: list[T]
    next_cursor: Cursor | None
