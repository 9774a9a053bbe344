"""What one file of FastAPI and SQLAlchemy does, with the settings they come with."""

import os
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

app = FastAPI()
url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg")
engine = create_async_engine(url)
new_session = async_sessionmaker(engine)


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sku: Mapped[str]
    name: Mapped[str]
    description: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ItemRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    sku: str
    name: str
    description: str | None
    created_at: datetime
    updated_at: datetime


async def get_session() -> AsyncIterator[AsyncSession]:
    async with new_session() as session:
        yield session


@app.get("/api/v1/items/{item_id}")
async def get_item(
    item_id: UUID, session: Annotated[AsyncSession, Depends(get_session)]
) -> ItemRead:
    item = await session.get(Item, item_id)
    if item is None:
        raise HTTPException(404)
    return ItemRead.model_validate(item)


@app.get("/health/live")
async def get_liveness() -> dict[str, str]:
    return {"status": "ok"}
