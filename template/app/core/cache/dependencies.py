"""Dependency for the cache of the process."""

from typing import Annotated

from app.core.cache.cache import Cache
from app.core.request import from_state

CacheDep = Annotated[Cache, from_state("cache")]
