"""Errors of logins and sessions."""

from typing import ClassVar

from app.core.errors import NotFoundError, UnauthenticatedError
from app.core.security import InvalidTokenError


class InvalidCredentialsError(UnauthenticatedError):
    """The login failed. The response does not reveal the reason."""

    def __init__(self) -> None:
        super().__init__(
            "The e-mail address or the password is wrong,"
            " or the e-mail address is not verified yet."
        )


class UserSessionNotFoundError(NotFoundError):
    """The user has no session with this id."""

    def __init__(self) -> None:
        super().__init__("There is no such session.")


class TokenReusedError(InvalidTokenError):
    """A refresh token was used twice, so it was stolen.

    The response is that of any invalid token.
    """

    keeps_changes: ClassVar[bool] = True  # the end of the session
