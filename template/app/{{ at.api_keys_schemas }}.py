"""API keys on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.core.schemas import RequestSchema, ResponseSchema, Text
from app.permissions import Permission

Name = Annotated[Text, Field(min_length=1, max_length=100)]
Scopes = frozenset[Permission]


class ApiKeyCreate(RequestSchema):
    """A new API key; without a time it lives as long as the settings allow."""

    name: Name
    scopes: Scopes
    expires_at: AwareDatetime | None = None


class ApiKeyRead(ResponseSchema):
    """An API key as its user sees it."""

    id: UUID
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime


class ApiKeyCreated(ApiKeyRead):
    """The same with the key itself, which is shown this once."""

    key: str
