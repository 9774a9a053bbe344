"""FastAPI and asyncpg: SQL by hand, and nothing in between."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
from fastapi import FastAPI, HTTPException, Request

from benchmarks.bare.schemas import ItemCreate, ItemRead, Limit, Offset, Page


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
    url = os.environ["DATABASE_URL"]
    async with asyncpg.create_pool(url, min_size=5, max_size=15) as pool:
        yield {"pool": pool}


app = FastAPI(lifespan=lifespan)


@app.get("/health/live")
async def get_liveness() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/api/v1/items", status_code=201, response_model=ItemRead)
async def create_item(data: ItemCreate, request: Request) -> dict[str, Any]:
    row = await request.state.pool.fetchrow(
        "INSERT INTO items (id, sku, name, description)"
        " VALUES ($1, $2, $3, $4) RETURNING *",
        uuid4(),
        data.sku,
        data.name,
        data.description,
    )
    return dict(row)


@app.get("/api/v1/items", response_model=Page)
async def list_items(
    request: Request, limit: Limit = 20, offset: Offset = 0
) -> dict[str, Any]:
    async with request.state.pool.acquire() as connection:
        total = await connection.fetchval("SELECT count(*) FROM items")
        rows = await connection.fetch(
            "SELECT * FROM items ORDER BY created_at DESC, id DESC LIMIT $1 OFFSET $2",
            limit,
            offset,
        )
    items = [dict(row) for row in rows]
    return {"items": items, "total": total, "limit": limit, "offset": offset}


@app.get("/api/v1/items/{item_id}", response_model=ItemRead)
async def get_item(item_id: UUID, request: Request) -> dict[str, Any]:
    row = await request.state.pool.fetchrow(
        "SELECT * FROM items WHERE id = $1", item_id
    )
    if row is None:
        raise HTTPException(404)
    return dict(row)
