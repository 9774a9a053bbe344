"""The tables, as the migrations of a service make them, without users and with them."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import DateTime, ForeignKey, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Stored:
    """What any row has."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )
    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )


class Described(Stored):
    """What any item has."""

    sku: Mapped[str]
    name: Mapped[str]
    description: Mapped[str | None]


class Base(DeclarativeBase):
    """The tables of a service without users."""


class Item(Described, Base):
    __tablename__ = "items"


class UsersBase(DeclarativeBase):
    """The tables of a service with users."""


class User(Stored, UsersBase):
    __tablename__ = "users"

    email: Mapped[str]
    name: Mapped[str | None]
    password_hash: Mapped[str]
    role: Mapped[str]
    is_active: Mapped[bool]


class OwnedItem(Described, UsersBase):
    __tablename__ = "items"

    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
