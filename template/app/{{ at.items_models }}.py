"""Items in the database."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Entity


class Item(Entity):
    """Something that is kept in stock, known by its stock keeping unit (SKU)."""

    __tablename__ = "items"

    sku: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str | None] = mapped_column(String(2000))
