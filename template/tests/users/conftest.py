"""Fixtures of accounts: a mail server, and an application that uses it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.settings import Settings
from tests.support.mail_server import Mailbox, client_of


@pytest.fixture(scope="module")
def pair(settings: Settings) -> Iterator[tuple[Mailbox, TestClient]]:
    """A mail server, and a client of an application that uses it."""
    mailbox = Mailbox()
    with client_of(settings, mailbox) as client:
        yield mailbox, client


@pytest.fixture
def mailbox(pair: tuple[Mailbox, TestClient]) -> Mailbox:
    """The mailbox of a test."""
    mailbox, _ = pair
    mailbox.mails.clear()
    mailbox.recipients.clear()
    return mailbox


@pytest.fixture
def visitor(pair: tuple[Mailbox, TestClient], tables: None) -> TestClient:
    """An anonymous client."""
    return pair[1]


@pytest.fixture
def documented_deletions() -> list[str]:
    """The statements that SECURITY.md gives to operators."""
    document = Path("SECURITY.md").read_text()
    block = document.partition("```sql\n")[2].partition("```")[0]
    return block.strip(" ;\n").split(";")
