"""FastAPI and SQLAlchemy, async, with the settings they come with."""

import os
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import func, make_url, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from benchmarks.bare.models import Item
from benchmarks.bare.schemas import ItemCreate, ItemRead, Limit, Offset, Page

app = FastAPI()
url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg")
engine = create_async_engine(url)
new_session = async_sessionmaker(engine)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with new_session() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


@app.get("/health/live")
async def get_liveness() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/api/v1/items", status_code=201, response_model=ItemRead)
async def create_item(data: ItemCreate, session: SessionDep) -> Item:
    item = Item(**data.model_dump())
    session.add(item)
    await session.commit()
    await session.refresh(item)
    return item


@app.get("/api/v1/items", response_model=Page)
async def list_items(
    session: SessionDep, limit: Limit = 20, offset: Offset = 0
) -> dict[str, Any]:
    total = await session.scalar(select(func.count()).select_from(Item))
    rows = await session.scalars(
        select(Item)
        .order_by(Item.created_at.desc(), Item.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return {"items": rows.all(), "total": total, "limit": limit, "offset": offset}


@app.get("/api/v1/items/{item_id}", response_model=ItemRead)
async def get_item(item_id: UUID, session: SessionDep) -> Item:
    item = await session.get(Item, item_id)
    if item is None:
        raise HTTPException(404)
    return item
