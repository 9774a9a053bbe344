"""Errors of items."""

from app.core.errors import ConflictError, NotFoundError


class ItemNotFoundError(NotFoundError):
    """No item has this id."""

    def __init__(self) -> None:
        super().__init__("There is no such item.")


class SkuTakenError(ConflictError):
    """Another item has this SKU."""

    def __init__(self) -> None:
        super().__init__("Another item has this SKU.")
