"""Errors raised on purpose. They know no HTTP: ``error_handlers`` does."""


class AppError(Exception):
    """Base of all of them; the message is for clients to read."""


class NotFoundError(AppError):
    """What was asked for does not exist."""


class ConflictError(AppError):
    """The request contradicts what is stored."""


class InvalidInputError(AppError):
    """The request is well-formed but cannot be stored."""


class UnavailableError(AppError):
    """Something the service needs does not answer; worth another try soon."""
