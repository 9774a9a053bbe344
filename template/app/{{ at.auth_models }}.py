"""Models of sessions and refresh tokens."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Entity


class UserSession(Entity):
    """A login on a device.

    It is invalid once expired, or older than the user's ``session_epoch``.
    """

    __tablename__ = "user_sessions"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    epoch: Mapped[int]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime] = mapped_column(server_default=func.now())
    client_address: Mapped[str] = mapped_column(String(45))
    user_agent: Mapped[str] = mapped_column(String(200))
    # Derives each refresh token from the previous one, so that clients can retry.
    rotation_key: Mapped[bytes] = mapped_column(
        LargeBinary(32), deferred=True, deferred_raiseload=True
    )


class RefreshToken(Entity):
    """A refresh token of a session; only its hash is stored."""

    __tablename__ = "refresh_tokens"

    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("user_sessions.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
