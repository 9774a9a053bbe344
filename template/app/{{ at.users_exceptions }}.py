"""What can go wrong with users."""

from app.core.exceptions import (
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
    """The address, the password or the account; it is not told which."""

    def __init__(self) -> None:
        super().__init__("The address or the password is wrong.")


class WrongPasswordError(InvalidInputError):
    """Somebody who is known otherwise does not know the password."""

    def __init__(self) -> None:
        super().__init__("This is not the password of the account.")


class AddressNotConfirmedError(ForbiddenError):
    """The password is right, but nobody has shown that the address is theirs."""

    def __init__(self) -> None:
        super().__init__("Confirm your address first: follow the link in the mail.")


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
