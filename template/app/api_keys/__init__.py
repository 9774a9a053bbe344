"""API keys. Other domains import from here only."""

from app.api_keys.exceptions import InvalidApiKeyError
from app.api_keys.models import ApiKey
from app.api_keys.repository import ApiKeyRepository

__all__ = ["ApiKey", "ApiKeyRepository", "InvalidApiKeyError"]
