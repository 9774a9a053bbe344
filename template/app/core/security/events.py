"""Security events: one line in the log for each."""

import logging
from enum import StrEnum
from uuid import UUID

logger = logging.getLogger(__name__)


class SecurityEvent(StrEnum):
    """Values of the field ``event``; docs/operations.md explains each."""

    LOGGED_IN = "logged_in"
    LOG_IN_FAILED = "log_in_failed"
    REFRESH_REUSED = "refresh_reused"
    EMAIL_VERIFIED = "email_verified"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    PASSWORD_RESET = "password_reset"  # noqa: S105
    ROLE_CHANGED = "role_changed"
    ACCOUNT_DEACTIVATED = "account_deactivated"
    ACCOUNT_ACTIVATED = "account_activated"
    ACCOUNT_DELETED = "account_deleted"
    API_KEY_CREATED = "api_key_created"
    API_KEY_REVOKED = "api_key_revoked"


SUSPICIOUS = {SecurityEvent.LOG_IN_FAILED, SecurityEvent.REFRESH_REUSED}


def log_event(
    event: SecurityEvent, account_id: UUID | None, subject_id: UUID | None = None
) -> None:
    """Log a security event, with ids only; without an id, the account is unknown.

    ``subject_id`` is what the event is about, such as a session. As in every line of a
    request, ``user_id`` is the caller.
    """
    fields = {"event": event.value}
    if account_id:
        fields["account_id"] = str(account_id)
    if subject_id:
        fields["subject_id"] = str(subject_id)
    level = logging.WARNING if event in SUSPICIOUS else logging.INFO
    logger.log(level, "Security event", extra=fields)
