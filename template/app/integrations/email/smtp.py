"""Mail by SMTP (RFC 5321)."""

import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from functools import cached_property
from smtplib import (
    SMTP,
    SMTP_SSL,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from app.integrations.email.mailer import Message
from app.integrations.email.settings import EmailSettings

PERMANENT = 500


class SmtpMailer:
    """Hands mails to a server; opens a connection for each."""

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """Whom to trust, read from the system once, when it is needed."""
        return ssl.create_default_context()

    def send(self, message: Message) -> None:
        """Send a mail; raises ``OSError``, of which ``SMTPException`` is one."""
        mail = EmailMessage()
        mail["From"] = self._settings.sender
        mail["To"] = message.to
        mail["Subject"] = message.subject
        mail["Date"] = formatdate()
        mail["Message-ID"] = make_msgid(domain=mail["From"].addresses[0].domain)
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation replies
        mail.set_content(message.text)
        with self._connect() as server:
            self._log_in(server)
            server.send_message(mail)

    def _connect(self) -> SMTP:
        settings = self._settings
        address = (settings.host, settings.port)
        if settings.encryption == "tls":
            return SMTP_SSL(*address, timeout=settings.timeout, context=self._context)
        return SMTP(*address, timeout=settings.timeout)

    def _log_in(self, server: SMTP) -> None:
        settings = self._settings
        if settings.encryption == "starttls":
            server.starttls(context=self._context)
        if settings.username:
            server.login(settings.username, settings.password.get_secret_value())


def is_refused(error: Exception) -> bool:
    """Return whether a retry is pointless: RFC 5321 refuses for good with 5yz."""
    if isinstance(error, SMTPRecipientsRefused):
        return any(code >= PERMANENT for code, _ in error.recipients.values())
    if isinstance(error, SMTPResponseException):
        return error.smtp_code >= PERMANENT
    return isinstance(error, SMTPNotSupportedError) or not isinstance(error, OSError)
