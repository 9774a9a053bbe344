"""The cache of the process, for endpoints and dependencies."""

from typing import Annotated

from app.core.cache.cache import Cache
from app.core.request import from_state

CacheDep = Annotated[Cache, from_state("cache")]
