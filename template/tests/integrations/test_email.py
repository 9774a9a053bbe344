"""E-mail to real SMTP servers, working and broken ones."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from ipaddress import ip_address
from pathlib import Path
from time import monotonic

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from pydantic import SecretStr

from app.integrations.email import (
    ConsoleMailer,
    EmailSettings,
    Message,
    SmtpMailer,
    create_mailer,
)
from app.integrations.email.smtp import is_refused
from tests.support.mail_server import HOST, Mailbox, email_settings, mail_server

PASSWORD = "s3cret-of-the-server"  # noqa: S105
MESSAGE = Message("ada@example.com", "Welcome", "Your token: t0ken\n")


def check_login(*details: object) -> AuthResult:
    given = details[-1]
    known = LoginPassword(b"shop", PASSWORD.encode())
    return AuthResult(success=given == known, handled=False)


@lru_cache
def certificate() -> bytes:
    """A key and a self-signed certificate for this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests")])
    address = x509.IPAddress(ip_address(HOST))
    key_id = x509.SubjectKeyIdentifier.from_public_key(public)
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, public, x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(key_id, critical=False)
        .sign(key, SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem + signed.public_bytes(Encoding.PEM)


@pytest.fixture
def certificate_file(tmp_path: Path) -> Path:
    """The same in a file."""
    file = tmp_path / "certificate.pem"
    file.write_bytes(certificate())
    return file


@pytest.fixture
def mailbox() -> Mailbox:
    """What has been delivered."""
    return Mailbox()


@contextmanager
def secure_server(mailbox: Mailbox, file: Path, encryption: str) -> Iterator[int]:
    """A server that wants a password, but not in the clear."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    protocol = partial(SMTP, authenticator=check_login)
    if encryption == "tls":
        # The protocol does not see the encryption below it.
        within_tls = partial(protocol, auth_require_tls=False)
        server = mail_server(mailbox, within_tls, tls=context)
    else:
        server = mail_server(mailbox, partial(protocol, tls_context=context))
    with server as port:
        yield port


def test_message_is_delivered(mailbox: Mailbox) -> None:
    with mail_server(mailbox) as port:
        settings = email_settings(port, sender="My Shop <noreply@shop.example>")
        SmtpMailer(settings).send(MESSAGE)
    mail = mailbox.take()
    assert mail["From"] == "My Shop <noreply@shop.example>"
    assert (mail["To"], mail["Subject"]) == (MESSAGE.to, MESSAGE.subject)
    assert mail.get_content() == MESSAGE.text
    assert mail["Message-ID"].endswith("@shop.example>")
    assert mail["Auto-Submitted"] == "auto-generated"
    age = datetime.now(UTC) - mail["Date"].datetime.replace(tzinfo=UTC)
    assert abs(age) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "message",
    [
        Message("ada@example.com", "Grüße: 你好 🔑", "Schöne Grüße\n你好 🔑\n"),
        Message("jürgen@example.com", "Welcome", "Hello\n"),
        Message("ada@bücher.example", "Welcome", "Hello\n"),
        Message("ada@example.com", "Long " * 60 + "subject", "x" * 3000 + "\n"),
        Message("ada@example.com", "Dots", ".\n..\n.a\n"),
    ],
)
def test_any_text_is_delivered_unchanged(mailbox: Mailbox, message: Message) -> None:
    with mail_server(mailbox, partial(SMTP, enable_SMTPUTF8=True)) as port:
        SmtpMailer(email_settings(port)).send(message)
    mail = mailbox.take()
    assert mailbox.recipients == [message.to]
    assert (mail["Subject"], mail.get_content()) == (message.subject, message.text)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("to", "subject"), [("{}", "Hi"), ("ada@example.com", "{}")])
def test_line_breaks_in_headers_are_refused(
    mailbox: Mailbox, to: str, subject: str, end: str
) -> None:
    injected = f"eve@example.com{end}Bcc: all@example.com"
    with mail_server(mailbox) as port:
        message = Message(to.format(injected), subject.format(injected), "Hello\n")
        with pytest.raises(ValueError, match="linefeed or carriage return"):
            SmtpMailer(email_settings(port)).send(message)
    assert mailbox.mails == []


@pytest.mark.parametrize("encryption", ["starttls", "tls"])
def test_message_is_sent_encrypted_and_authenticated(
    mailbox: Mailbox,
    certificate_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    encryption: str,
) -> None:
    with secure_server(mailbox, certificate_file, encryption) as port:
        settings = email_settings(
            port, encryption=encryption, username="shop", password=PASSWORD
        )
        with pytest.raises(ssl.SSLCertVerificationError):
            SmtpMailer(settings).send(MESSAGE)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate_file))
        SmtpMailer(settings).send(MESSAGE)
        assert mailbox.take()["To"] == MESSAGE.to
        wrong = {"password": SecretStr("wrong")}
        with pytest.raises(smtplib.SMTPAuthenticationError):
            SmtpMailer(settings.model_copy(update=wrong)).send(MESSAGE)
    assert mailbox.mails == []


def test_nothing_is_sent_without_starttls(mailbox: Mailbox) -> None:
    with mail_server(mailbox) as port:
        settings = email_settings(port, encryption="starttls")
        with pytest.raises(OSError, match="STARTTLS"):
            SmtpMailer(settings).send(MESSAGE)
    assert mailbox.mails == []


def test_refused_recipient_does_not_affect_the_next_message(mailbox: Mailbox) -> None:
    with mail_server(mailbox) as port:
        mailer = SmtpMailer(email_settings(port))
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            mailer.send(Message("nobody@example.com", "Hi", "Hello\n"))
        mailer.send(MESSAGE)
    assert mailbox.take()["To"] == MESSAGE.to


@pytest.mark.parametrize("server", ["refusing_port", "silent_port", "rude_port"])
@pytest.mark.parametrize("encryption", ["none", "starttls", "tls"])
def test_broken_server_fails_within_the_timeout(
    server: str, encryption: str, request: pytest.FixtureRequest
) -> None:
    port = request.getfixturevalue(server)
    mailer = SmtpMailer(email_settings(port, encryption=encryption, timeout=0.05))
    start = monotonic()
    with pytest.raises(OSError):  # noqa: PT011
        mailer.send(MESSAGE)
    assert monotonic() - start < 2


def test_the_console_prints_mails(capsys: pytest.CaptureFixture[str]) -> None:
    ConsoleMailer().send(MESSAGE)
    printed = capsys.readouterr().out
    assert all(part in printed for part in (MESSAGE.to, MESSAGE.subject, MESSAGE.text))


def test_settings_choose_the_mailer() -> None:
    assert isinstance(create_mailer(EmailSettings()), ConsoleMailer)
    assert isinstance(create_mailer(EmailSettings(backend="smtp")), SmtpMailer)


def test_secrets_are_not_shown() -> None:
    shown = f"{MESSAGE} {MESSAGE!r}"
    assert MESSAGE.to in shown
    assert "t0ken" not in shown
    settings = EmailSettings(password=SecretStr(PASSWORD))
    assert PASSWORD not in f"{settings} {settings!r}"


@pytest.mark.parametrize(
    ("error", "refused"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b": (550, b"")}), True),
        (smtplib.SMTPRecipientsRefused({"a@b": (451, b"")}), False),
        (smtplib.SMTPAuthenticationError(535, b""), True),
        (smtplib.SMTPConnectError(421, b""), False),
        (smtplib.SMTPNotSupportedError(), True),
        (smtplib.SMTPServerDisconnected(), False),
        (ConnectionRefusedError(), False),
        (ValueError(), True),
    ],
)
def test_permanent_rejection_is_not_retried(error: Exception, refused: bool) -> None:  # noqa: FBT001
    assert is_refused(error) is refused


class HastyMailbox(Mailbox):
    """Hangs up as soon as it has a mail."""

    async def handle_QUIT(  # noqa: N802
        self, server: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        """Close the connection without a response."""
        assert server.transport
        server.transport.close()
        return "221 Bye"


def test_connection_lost_after_delivery_is_ignored() -> None:
    """The server has accepted the mail: a retry would deliver it twice."""
    mailbox = HastyMailbox()
    with mail_server(mailbox) as port:
        SmtpMailer(email_settings(port)).send(MESSAGE)
    assert mailbox.take()["To"] == MESSAGE.to


@pytest.mark.parametrize(
    "sender",
    ["", "shop", "Shop, Inc <a@example.com>", "a@example.com, b@example.com", "a@b\n"],
)
def test_sender_must_be_one_email_address(sender: str) -> None:
    with pytest.raises(ValueError, match="is not an e-mail address"):
        email_settings(25, sender=sender)
    assert email_settings(25, sender='"Shop, Inc" <shop@example.com>').sender


@pytest.mark.parametrize("url", ["", "shop.example", "ftp://shop.example", "https://"])
def test_link_url_that_is_no_web_page_is_rejected(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        email_settings(25, link_url=url)
