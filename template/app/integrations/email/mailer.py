"""The protocol of mailers."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """An e-mail in plain text. The repr hides its text, which may hold a secret."""

    to: str
    subject: str
    text: str = field(repr=False)
    user_id: str = ""  # for the log, which has no e-mail addresses


class Mailer(Protocol):
    """Sends e-mails."""

    def send(self, message: Message) -> None:
        """Send an e-mail, which may take seconds; raises ``OSError``."""
        ...
