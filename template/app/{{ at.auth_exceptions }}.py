"""What can go wrong with sessions."""

from typing import ClassVar

from app.core.errors import NotFoundError
from app.core.security import InvalidTokenError


class SessionNotFoundError(NotFoundError):
    """The user has no such session."""

    def __init__(self) -> None:
        super().__init__("There is no such session.")


class TokenReusedError(InvalidTokenError):
    """A refresh token was used a second time: one of the two users is a thief.

    The client is told no more than of any invalid token.
    """

    keeps_changes: ClassVar[bool] = True  # the end of the session
