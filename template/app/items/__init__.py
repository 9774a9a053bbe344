"""Items. Other domains import from here only."""

from app.items.exceptions import ItemNotFoundError, SkuTakenError
from app.items.models import Item
from app.items.schemas import ItemCreate, ItemRead, ItemUpdate
from app.items.service import ItemService

__all__ = [
    "Item",
    "ItemCreate",
    "ItemNotFoundError",
    "ItemRead",
    "ItemService",
    "ItemUpdate",
    "SkuTakenError",
]
