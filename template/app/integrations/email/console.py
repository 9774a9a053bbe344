"""A mailer for development."""

import sys

from app.integrations.email.mailer import Message


class ConsoleMailer:
    """Prints e-mails instead of sending them."""

    def send(self, message: Message) -> None:
        """Print an e-mail."""
        head = f"To: {message.to}\nSubject: {message.subject}"
        sys.stdout.write(f"\n{head}\n\n{message.text}\n")
        sys.stdout.flush()
