"""How endpoints reach what the lifespan opened."""

from typing import Annotated

from fastapi import Depends, Request

from app.core.cache import Cache


async def get_cache(request: Request) -> Cache:
    """Return the cache of the process."""
    cache: Cache = request.state.cache
    return cache


CacheDep = Annotated[Cache, Depends(get_cache)]
