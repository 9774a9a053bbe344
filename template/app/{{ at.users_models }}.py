"""Users in the database."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Entity, StoredEnum
from app.permissions import Role


class Purpose(StrEnum):
    """What a mail lets its reader do."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105


class User(Entity):
    """Somebody with an account, known by an e-mail address in lower case."""

    __tablename__ = "users"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str | None] = mapped_column(String(200))
    # Never loaded by accident.
    password_hash: Mapped[str] = mapped_column(
        String(200), deferred=True, deferred_raiseload=True
    )
    role: Mapped[Role] = mapped_column(
        StoredEnum(Role, fallback=Role.USER), default=Role.USER
    )
    is_active: Mapped[bool] = mapped_column(default=True)
    email_verified_at: Mapped[datetime | None]
    # Sessions that were opened under another number have ended.
    session_epoch: Mapped[int] = mapped_column(default=0)


class OneTimeToken(Entity):
    """A secret that was sent to a user by mail; only its hash is kept."""

    __tablename__ = "one_time_tokens"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[Purpose] = mapped_column(
        StoredEnum(Purpose, fallback=Purpose.VERIFY_EMAIL)
    )
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    expires_at: Mapped[datetime]
