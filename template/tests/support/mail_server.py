"""A mail server for tests, which keeps what it is sent, and a client that waits."""

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from anyio.from_thread import start_blocking_portal
from fastapi.testclient import TestClient
from httpx2 import Response
from pydantic import AnyHttpUrl

from app.integrations.email import EmailSettings
from app.settings import Settings
from tests.support.sample_app import create_app

FRONT_END = "https://shop.example"
HOST = "127.0.0.1"
LINK = re.compile(r"https?://\S+")


class PatientClient(TestClient):
    """A client that waits after each request for the mails to be sent."""

    def request(self, *args: Any, **options: Any) -> Response:  # noqa: ANN401
        """Send a request."""
        response = super().request(*args, **options)
        if self.portal:
            self.portal.call(self.app_state["outbox"].wait_until_sent)
        return response


class Mailbox:
    """The mails that a server has accepted; refuses those to ``nobody@…``."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []

    def take(self) -> EmailMessage:
        """Return the only mail there is, and forget it."""
        (mail,) = self.mails
        self.mails.clear()
        return mail

    def take_link(self) -> str:
        """Return the link in the only mail there is."""
        (link,) = LINK.findall(self.take().get_content())
        return str(link)

    def take_token(self) -> str:
        """Return the token in the only mail there is."""
        return self.take_link().partition("#token=")[2]

    async def handle_RCPT(  # noqa: N802
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Accept or refuse a recipient."""
        if address.startswith("nobody@"):
            return "550 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail."""
        assert isinstance(envelope.content, bytes)
        content = envelope.content.replace(b"\r\n", b"\n")
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients += envelope.rcpt_tos
        return "250 OK"


@contextmanager
def client_of(
    settings: Settings, mailbox: Mailbox, **auth: object
) -> Iterator[TestClient]:
    """A client of an application that sends real mails."""
    with mail_server(mailbox) as port:
        email = EmailSettings(
            backend="smtp",
            host=HOST,
            port=port,
            encryption="none",
            link_url=AnyHttpUrl(FRONT_END),
        )
        changes = {"email": email, "auth": settings.auth.model_copy(update=auth)}
        app = create_app(settings.model_copy(update=changes))
        with PatientClient(app) as client:
            yield client


@contextmanager
def mail_server(
    mailbox: Mailbox,
    protocol: Callable[..., SMTP] = SMTP,
    tls: ssl.SSLContext | None = None,
) -> Iterator[int]:
    """Run a server in a thread of its own and give its port."""
    serve = partial(protocol, mailbox, hostname="mail.example.com")
    with start_blocking_portal() as portal:
        with portal.wrap_async_context_manager(_listen(serve, tls)) as port:
            yield port


@asynccontextmanager
async def _listen(
    serve: Callable[[], SMTP], tls: ssl.SSLContext | None
) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    async with await loop.create_server(serve, HOST, 0, ssl=tls) as server:
        yield server.sockets[0].getsockname()[1]
