"""Errors of users."""

from app.core.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)


class UserNotFoundError(NotFoundError):
    """No user has this id."""

    def __init__(self) -> None:
        super().__init__("There is no such user.")


class WrongPasswordError(InvalidInputError):
    """An authenticated user, or a user with a link, sent a wrong password."""

    def __init__(self) -> None:
        super().__init__("The password is wrong.")


class SignUpClosedError(ForbiddenError):
    """Sign-up is disabled."""

    def __init__(self) -> None:
        super().__init__("This service does not accept new accounts.")


class LastAdministratorError(ConflictError):
    """The change would leave the service without an administrator."""

    def __init__(self) -> None:
        super().__init__("This is the last administrator.")


class InvalidLinkError(InvalidInputError):
    """The token from an e-mail is invalid, expired or used."""

    def __init__(self) -> None:
        super().__init__("The link is invalid, expired or used.")
