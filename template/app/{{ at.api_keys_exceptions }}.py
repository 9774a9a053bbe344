"""Errors of API keys."""

from app.core.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    UnauthenticatedError,
)


class ApiKeyNotFoundError(NotFoundError):
    """The user has no API key with this id."""

    def __init__(self) -> None:
        super().__init__("There is no such API key.")


class InvalidApiKeyError(UnauthenticatedError):
    """The API key is invalid, expired or revoked."""

    def __init__(self) -> None:
        super().__init__("The API key is invalid, expired or revoked.")


class ScopeNotAllowedError(ForbiddenError):
    """A user cannot grant an API key permissions that the user lacks."""

    def __init__(self) -> None:
        super().__init__("You cannot grant a permission that you lack.")


class TooManyApiKeysError(ConflictError):
    """The user has the maximum number of API keys."""

    def __init__(self) -> None:
        super().__init__("You have too many API keys. Delete one first.")
