"""Errors of sessions."""

from typing import ClassVar

from app.core.errors import NotFoundError
from app.core.security import InvalidTokenError


class UserSessionNotFoundError(NotFoundError):
    """The user has no session with this id."""

    def __init__(self) -> None:
        super().__init__("There is no such session.")


class TokenReusedError(InvalidTokenError):
    """A refresh token was used twice, so it was stolen.

    The response is that of any invalid token.
    """

    keeps_changes: ClassVar[bool] = True  # the end of the session
