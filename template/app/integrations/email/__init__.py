"""Mail: what we need of it, and two ways to send it."""

from app.core.settings import EmailSettings
from app.integrations.email.console import ConsoleMailer
from app.integrations.email.mailer import Mailer, Message
from app.integrations.email.smtp import SmtpMailer

__all__ = ["ConsoleMailer", "Mailer", "Message", "SmtpMailer", "create_mailer"]


def create_mailer(settings: EmailSettings) -> Mailer:
    """Return the mailer that the settings name."""
    if settings.backend == "smtp":
        return SmtpMailer(settings)
    return ConsoleMailer()
