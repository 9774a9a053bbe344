"""Query parameters."""

from typing import Annotated

from fastapi import Query

from app.core.pagination import PageParams

PageParamsDep = Annotated[PageParams, Query()]
