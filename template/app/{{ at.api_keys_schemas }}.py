"""Request and response bodies of API keys."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from app.core.schemas import RequestSchema, ResponseSchema, Text
from app.permissions import Permission

Name = Annotated[Text, Field(min_length=1, max_length=100)]
Scopes = frozenset[Permission]


class ApiKeyCreate(RequestSchema):
    """A new API key. Without ``expires_at``, it has the longest possible lifetime."""

    name: Name
    scopes: Scopes
    expires_at: AwareDatetime | None = None


class ApiKeyRead(ResponseSchema):
    """An API key without its secret."""

    id: UUID
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime


class ApiKeyCreated(ApiKeyRead):
    """A new API key with its secret, which is shown only once."""

    key: str
