"""What can go wrong with users."""

from app.core.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    UnauthenticatedError,
)


class UserNotFoundError(NotFoundError):
    """No user has this id."""

    def __init__(self) -> None:
        super().__init__("There is no such user.")


class InvalidCredentialsError(UnauthenticatedError):
    """The e-mail address, the password or the account is wrong; no one learns which."""

    def __init__(self) -> None:
        super().__init__(
            "The e-mail address or the password is wrong,"
            " or the e-mail address is not confirmed yet."
        )


class WrongPasswordError(InvalidInputError):
    """Somebody who is known otherwise does not know the password."""

    def __init__(self) -> None:
        super().__init__("This is not the password of the account.")


class SignUpClosedError(ForbiddenError):
    """Accounts are not for everybody."""

    def __init__(self) -> None:
        super().__init__("This service does not accept new accounts.")


class LastAdministratorError(ConflictError):
    """Nobody could administer the service any more."""

    def __init__(self) -> None:
        super().__init__("This is the last administrator.")


class InvalidLinkError(InvalidInputError):
    """The token from a mail is wrong, expired, or was used before."""

    def __init__(self) -> None:
        super().__init__("The link is not valid, or no longer.")
