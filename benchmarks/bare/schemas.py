"""What goes over the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

Limit = Annotated[int, Query(ge=1, le=100)]
Offset = Annotated[int, Query(ge=0)]


class ItemCreate(BaseModel):
    sku: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    name: str = Field(min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=2000)


class ItemRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    sku: str
    name: str
    description: str | None
    created_at: datetime
    updated_at: datetime


class OwnedItemRead(ItemRead):
    owner_id: UUID


class Page(BaseModel):
    items: list[ItemRead]
    total: int
    limit: int
    offset: int


class OwnedPage(BaseModel):
    items: list[OwnedItemRead]
    total: int
    limit: int
    offset: int
