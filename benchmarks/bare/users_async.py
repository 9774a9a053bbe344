"""The same as ``orm_async``, for people who have logged in, as FastAPI's tutorial."""

import os
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy import func, make_url, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from benchmarks.bare.models import OwnedItem, User
from benchmarks.bare.schemas import (
    ItemCreate,
    Limit,
    Offset,
    OwnedItemRead,
    OwnedPage,
)

app = FastAPI()
url = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql+asyncpg")
engine = create_async_engine(url)
new_session = async_sessionmaker(engine)
key = os.environ["AUTH_SIGNING_KEY"]
bearer = OAuth2PasswordBearer(tokenUrl="token")


async def get_session() -> AsyncIterator[AsyncSession]:
    async with new_session() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


async def get_user(token: Annotated[str, Depends(bearer)], session: SessionDep) -> User:
    try:
        claims = jwt.decode(token, key, algorithms=["HS256"], audience="my-service")
    except jwt.InvalidTokenError:
        raise HTTPException(401) from None
    user = await session.get(User, UUID(claims["sub"]))
    if user is None or not user.is_active:
        raise HTTPException(401)
    return user


UserDep = Annotated[User, Depends(get_user)]


@app.get("/health/live")
async def get_liveness() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/api/v1/items", status_code=201, response_model=OwnedItemRead)
async def create_item(data: ItemCreate, user: UserDep, session: SessionDep) -> Any:  # noqa: ANN401
    item = OwnedItem(owner_id=user.id, **data.model_dump())
    session.add(item)
    await session.commit()
    await session.refresh(item)
    return item


@app.get("/api/v1/items", response_model=OwnedPage)
async def list_items(
    user: UserDep, session: SessionDep, limit: Limit = 20, offset: Offset = 0
) -> dict[str, Any]:
    query = select(OwnedItem).where(OwnedItem.owner_id == user.id)
    total = await session.scalar(select(func.count()).select_from(query.subquery()))
    rows = await session.scalars(
        query.order_by(OwnedItem.created_at.desc(), OwnedItem.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return {"items": rows.all(), "total": total, "limit": limit, "offset": offset}


@app.get("/api/v1/items/{item_id}", response_model=OwnedItemRead)
async def get_item(item_id: UUID, user: UserDep, session: SessionDep) -> OwnedItem:
    item = await session.get(OwnedItem, item_id)
    if item is None or item.owner_id != user.id:
        raise HTTPException(404)
    return item
