"""The outbox: e-mails wait in the background, and the mail server is broken."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from threading import Event
from threading import enumerate as enumerate_threads

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi.testclient import TestClient

from app.integrations.email import outbox
from app.integrations.email.outbox import THREADS
from app.settings import Settings
from tests.support.accounts import PASSWORD, Account
from tests.support.mail_server import HOST, Mailbox, email_settings, mail_server
from tests.support.sample_app import create_app
from tests.support.service_process import serving

RESET = "/api/v1/users/password-reset"


@contextmanager
def client_of(settings: Settings, port: int, **changes: object) -> Iterator[TestClient]:
    """A client of an application that uses a mail server."""
    email = email_settings(port, **changes)
    app = create_app(settings.model_copy(update={"email": email}))
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize("server", ["refusing_port", "silent_port", "rude_port"])
def test_failure_is_logged_but_not_sent_to_the_client(
    settings: Settings,
    alice: Account,
    server: str,
    caplog: pytest.LogCaptureFixture,
    request: pytest.FixtureRequest,
) -> None:
    port = request.getfixturevalue(server)
    with client_of(settings, port, timeout=0.05) as client:
        assert client.post(RESET, json={"email": alice.email}).status_code == 202
    errors = [line for line in caplog.records if line.levelno >= logging.ERROR]
    assert [line.getMessage().split(":")[0] for line in errors] == [
        f"E-mail to user {alice.id} was not sent"
    ]
    assert not any(secret in caplog.text for secret in (alice.email, "token="))


def test_a_notice_that_cannot_be_sent_fails_no_request(
    settings: Settings, alice: Account, caplog: pytest.LogCaptureFixture
) -> None:
    body = {"current_password": PASSWORD, "new_password": "a better secret"}
    url = "/api/v1/users/me/password"
    with client_of(settings, port=1) as client:
        changed = client.post(url, json=body, headers=alice.headers)
        assert changed.status_code == 204
    assert f"E-mail to user {alice.id} was not sent" in caplog.text


class BusyMailbox(Mailbox):
    """Rejects temporarily at first, like greylisting."""

    tries = 0

    async def handle_RCPT(  # noqa: N802
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Accept a recipient at the third try."""
        self.tries += 1
        if self.tries < 3:
            return "451 Try again later"
        return await super().handle_RCPT(server, session, envelope, address, options)


def test_temporary_rejection_is_retried(
    settings: Settings, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PAUSES", (0.01, 0.01))
    mailbox = BusyMailbox()
    with mail_server(mailbox) as port, client_of(settings, port) as client:
        client.post(RESET, json={"email": alice.email})
        assert client.portal
        client.portal.call(client.app_state["outbox"].wait_until_sent)
    assert mailbox.take()["To"] == alice.email


class StuckMailbox(Mailbox):
    """Blocks each delivery until it is released."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: Queue[str] = Queue()
        self.go_on = Event()

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Wait for ``go_on``."""
        self.waiting.put(envelope.rcpt_tos[0])
        await asyncio.to_thread(self.go_on.wait, 10)
        return await super().handle_DATA(server, session, envelope)


def test_hanging_mail_server_delays_neither_requests_nor_shutdown(
    settings: Settings,
    alice: Account,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Mails hold no place of a request, and the end of the process does not wait."""
    monkeypatch.setattr(outbox, "CLOSE_TIMEOUT", 0.1)
    monkeypatch.setattr(outbox, "LIMIT", 2 * THREADS)
    mailbox = StuckMailbox()
    limits = settings.limits.model_copy(update={"max_concurrency": 2})
    form = {"username": alice.email, "password": PASSWORD}
    with mail_server(mailbox) as port:
        busy = settings.model_copy(update={"limits": limits})
        with client_of(busy, port) as client:
            for _ in range(2 * THREADS + 1):
                asked = client.post(RESET, json={"email": alice.email})
                assert (asked.status_code, asked.content) == (202, b"")
            for _ in range(THREADS):
                assert mailbox.waiting.get(timeout=10) == alice.email
            assert mailbox.waiting.empty()
            login = client.post("/api/v1/auth/token", data=form)
            assert login.status_code == 200
        threads = [thread for thread in enumerate_threads() if thread.name == "mail"]
        assert len(threads) >= THREADS
        assert all(thread.daemon for thread in threads)
        mailbox.go_on.set()
    lost = ", ".join([str(alice.id)] * 2 * THREADS)
    errors = [line.getMessage() for line in caplog.records if line.levelname == "ERROR"]
    assert errors == [
        f"E-mail to user {alice.id} was not sent: too many",
        f"E-mails were not sent at shutdown, users: {lost}",
    ]


@pytest.mark.slow
def test_a_process_ends_while_a_mail_server_is_silent(
    settings: Settings, alice: Account, silent_port: int, tmp_path: Path
) -> None:
    """The exit code is 0, and a line lists the users of lost mails."""
    variables = {
        "DATABASE_URL": settings.database.url.render_as_string(hide_password=False),
        "EMAIL_BACKEND": "smtp",
        "EMAIL_ENCRYPTION": "none",
        "EMAIL_HOST": HOST,
        "EMAIL_PORT": str(silent_port),
        "EMAIL_TIMEOUT": "600",
    }
    with serving("app.serve", tmp_path / "log", **variables) as server:
        server.wait_until_ready()
        with server.client() as client:
            for _ in range(2):
                asked = client.post(RESET, json={"email": alice.email})
                assert asked.status_code == 202
        server.terminate()
        assert server.wait() == 0
    lost = f"E-mails were not sent at shutdown, users: {alice.id}, {alice.id}"
    assert server.says(lost)
