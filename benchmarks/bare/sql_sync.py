"""FastAPI and psycopg: SQL by hand, and nothing in between."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

from fastapi import FastAPI, HTTPException, Request
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from benchmarks.bare.schemas import ItemCreate, ItemRead, Limit, Offset, Page


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
    rows = {"row_factory": dict_row}
    url = os.environ["DATABASE_URL"]
    with ConnectionPool(url, min_size=5, max_size=15, kwargs=rows) as pool:
        yield {"pool": pool}


app = FastAPI(lifespan=lifespan)


@app.get("/health/live")
def get_liveness() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/api/v1/items", status_code=201, response_model=ItemRead)
def create_item(data: ItemCreate, request: Request) -> Any:  # noqa: ANN401
    with request.state.pool.connection() as connection:
        return connection.execute(
            "INSERT INTO items (id, sku, name, description)"
            " VALUES (%s, %s, %s, %s) RETURNING *",
            [uuid4(), data.sku, data.name, data.description],
        ).fetchone()


@app.get("/api/v1/items", response_model=Page)
def list_items(
    request: Request, limit: Limit = 20, offset: Offset = 0
) -> dict[str, Any]:
    with request.state.pool.connection() as connection:
        total = connection.execute("SELECT count(*) FROM items").fetchone()["count"]
        items = connection.execute(
            "SELECT * FROM items ORDER BY created_at DESC, id DESC LIMIT %s OFFSET %s",
            [limit, offset],
        ).fetchall()
    return {"items": items, "total": total, "limit": limit, "offset": offset}


@app.get("/api/v1/items/{item_id}", response_model=ItemRead)
def get_item(item_id: UUID, request: Request) -> Any:  # noqa: ANN401
    with request.state.pool.connection() as connection:
        row = connection.execute(
            "SELECT * FROM items WHERE id = %s", [item_id]
        ).fetchone()
    if row is None:
        raise HTTPException(404)
    return row
