"""What can go wrong with API keys."""

from app.core.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    UnauthenticatedError,
)


class ApiKeyNotFoundError(NotFoundError):
    """The user has no such API key."""

    def __init__(self) -> None:
        super().__init__("There is no such API key.")


class InvalidApiKeyError(UnauthenticatedError):
    """The API key is wrong, expired or was revoked."""

    def __init__(self) -> None:
        super().__init__("The API key is not valid, or no longer.")


class ScopeNotAllowedError(ForbiddenError):
    """Nobody can give away what they may not do themselves."""

    def __init__(self) -> None:
        super().__init__("You lack one of these permissions yourself.")


class TooManyApiKeysError(ConflictError):
    """A user can have so many and no more."""

    def __init__(self) -> None:
        super().__init__("You have too many API keys. Delete one first.")
