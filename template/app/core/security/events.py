"""Security events: one line of the log for each, so that attacks can be told later."""

import logging
from enum import StrEnum
from uuid import UUID

logger = logging.getLogger(__name__)


class SecurityEvent(StrEnum):
    """What ``event`` says in such a line; docs/operations.md explains each."""

    LOGGED_IN = "logged_in"
    LOG_IN_FAILED = "log_in_failed"
    REFRESH_REUSED = "refresh_reused"
    EMAIL_CONFIRMED = "email_confirmed"
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
    """Log an event, by ids only; without an id, there is no such account.

    ``subject_id`` is the session or the API key that the event is about. Who asked for
    it is in ``user_id``, as in every line of a request.
    """
    fields = {"event": event.value}
    if account_id:
        fields["account_id"] = str(account_id)
    if subject_id:
        fields["subject_id"] = str(subject_id)
    level = logging.WARNING if event in SUSPICIOUS else logging.INFO
    logger.log(level, "Security event", extra=fields)
