"""What the service needs of mail."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """A mail in plain text. Its text may hold a secret, so it is not shown."""

    to: str
    subject: str
    text: str = field(repr=False)
    user_id: str = ""  # for the log, which has no e-mail addresses


class Mailer(Protocol):
    """Sends mails."""

    def send(self, message: Message) -> None:
        """Send one, which may take seconds; raises ``OSError`` if that fails."""
        ...
