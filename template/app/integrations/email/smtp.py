"""A mailer for SMTP (RFC 5321)."""

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
    """Sends e-mails to an SMTP server, with one connection for each."""

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """The TLS context with the certificates of the system, loaded on first use."""
        return ssl.create_default_context()

    def send(self, message: Message) -> None:
        """Send an e-mail; raises ``OSError``, including ``SMTPException``."""
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
    """Tell whether a rejection is permanent: 5yz in RFC 5321."""
    if isinstance(error, SMTPRecipientsRefused):
        return any(code >= PERMANENT for code, _ in error.recipients.values())
    if isinstance(error, SMTPResponseException):
        return error.smtp_code >= PERMANENT
    return isinstance(error, SMTPNotSupportedError) or not isinstance(error, OSError)
