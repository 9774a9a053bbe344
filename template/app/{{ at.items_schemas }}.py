"""Items on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from app.core.schemas import RequestSchema, ResponseSchema, Text, Unchanged

Sku = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Name = Annotated[Text, Field(min_length=1, max_length=200)]
Description = Annotated[Text, Field(max_length=2000)]


class ItemCreate(RequestSchema):
    """A new item."""

    sku: Sku
    name: Name
    description: Description | None = None


class ItemUpdate(RequestSchema):
    """Changes to an item: what is left out stays, ``null`` clears the description."""

    sku: Sku = Unchanged
    name: Name = Unchanged
    description: Description | None = Unchanged


class ItemRead(ResponseSchema):
    """An item as clients see it."""

    id: UUID
    sku: str
    name: str
    description: str | None
    created_at: datetime
    updated_at: datetime
