"""Query parameters."""

from typing import Annotated

from fastapi import Query

from app.core.schemas import CursorParams, PageParams

CursorParamsDep = Annotated[CursorParams, Query()]
PageParamsDep = Annotated[PageParams, Query()]
