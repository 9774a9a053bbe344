"""FastAPI and SQLAlchemy, sync, with the settings they come with."""

import os
from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import create_engine, func, make_url, select
from sqlalchemy.orm import Session

from benchmarks.bare.models import Item
from benchmarks.bare.schemas import ItemCreate, ItemRead, Limit, Offset, Page

app = FastAPI()
url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+psycopg")
engine = create_engine(url)


def get_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]


@app.get("/health/live")
def get_liveness() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/api/v1/items", status_code=201, response_model=ItemRead)
def create_item(data: ItemCreate, session: SessionDep) -> Item:
    item = Item(**data.model_dump())
    session.add(item)
    session.commit()
    session.refresh(item)
    return item


@app.get("/api/v1/items", response_model=Page)
def list_items(
    session: SessionDep, limit: Limit = 20, offset: Offset = 0
) -> dict[str, Any]:
    total = session.scalar(select(func.count()).select_from(Item))
    rows = session.scalars(
        select(Item)
        .order_by(Item.created_at.desc(), Item.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return {"items": rows.all(), "total": total, "limit": limit, "offset": offset}


@app.get("/api/v1/items/{item_id}", response_model=ItemRead)
def get_item(item_id: UUID, session: SessionDep) -> Item:
    item = session.get(Item, item_id)
    if item is None:
        raise HTTPException(404)
    return item
