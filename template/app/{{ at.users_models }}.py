"""Models of users and one-time tokens."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Entity, StoredEnum
from app.permissions import Role


class Purpose(StrEnum):
    """The purpose of a one-time token."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105


class User(Entity):
    """A user account, identified by its e-mail address in lower case."""

    __tablename__ = "users"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str | None] = mapped_column(String(200))
    # Loaded only on request.
    password_hash: Mapped[str] = mapped_column(
        String(200), deferred=True, deferred_raiseload=True
    )
    role: Mapped[Role] = mapped_column(
        StoredEnum(Role, fallback=Role.USER), default=Role.USER
    )
    is_active: Mapped[bool] = mapped_column(default=True)
    email_verified_at: Mapped[datetime | None]
    # Sessions of an older epoch are invalid.
    session_epoch: Mapped[int] = mapped_column(default=0)


class OneTimeToken(Entity):
    """A token that was sent by e-mail; only its hash is stored."""

    __tablename__ = "one_time_tokens"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[Purpose] = mapped_column(
        StoredEnum(Purpose, fallback=Purpose.VERIFY_EMAIL)
    )
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    expires_at: Mapped[datetime]
