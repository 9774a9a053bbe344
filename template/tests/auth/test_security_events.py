"""Security events: each is logged, as docs/operations.md says, and tells only ids."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.core.security import SecurityEvent
from tests.support.accounts import PASSWORD, Account, log_in
from tests.support.log_file import LogFile

USERS = "/api/v1/users"
SECOND = "a second long password"
THIRD = "the third of these lines"
FIELDS = {"event", "account_id", "subject_id", "user_id", "request_id", "trace_id"}


def mailed(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the token in the mail that was sent last."""
    return capsys.readouterr().out.rpartition("#token=")[2].split()[0]


def live(
    client: TestClient,
    alice: Account,
    admin: Account,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[tuple[SecurityEvent, str | None]]:
    """Make one event after another; give each with the account it happens to."""
    own = str(alice.id)
    assert log_in(client, "unknown@example.com").status_code == 401
    yield SecurityEvent.LOG_IN_FAILED, None
    log_in(client, alice.email, "wrong")
    yield SecurityEvent.LOG_IN_FAILED, own
    for body, event in (
        ({"role": "admin"}, SecurityEvent.ROLE_CHANGED),
        ({"is_active": False}, SecurityEvent.ACCOUNT_DEACTIVATED),
        ({"is_active": True}, SecurityEvent.ACCOUNT_ACTIVATED),
    ):
        for _ in range(2):  # the second time, nothing changes
            client.patch(f"{USERS}/{own}", json=body, headers=admin.headers)
        yield event, own
    tokens = log_in(client, alice.email).json()
    yield SecurityEvent.LOGGED_IN, own
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    change = {"current_password": PASSWORD, "new_password": SECOND}
    client.post(f"{USERS}/me/password", json=change, headers=bearer)
    yield SecurityEvent.PASSWORD_CHANGED, own
    client.post(f"{USERS}/password-reset", json={"email": alice.email})
    reset = {"token": mailed(capsys), "password": THIRD}
    client.post(f"{USERS}/password-reset/confirm", json=reset)
    yield SecurityEvent.PASSWORD_RESET, own
    tokens = log_in(client, alice.email, THIRD).json()
    yield SecurityEvent.LOGGED_IN, own
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    client.delete(f"{USERS}/me", headers=bearer)
    yield SecurityEvent.ACCOUNT_DELETED, own


def events(log: LogFile) -> list[dict[str, object]]:
    """Return the lines about security events."""
    lines = log.lines()
    return [line for line in lines if line["logger"] == "app.core.security.events"]


def test_each_event_is_one_line_of_ids(
    anonymous: TestClient,
    alice: Account,
    admin: Account,
    log: LogFile,
    capsys: pytest.CaptureFixture[str],
) -> None:
    expected = [
        (event.value, account)
        for event, account in live(anonymous, alice, admin, capsys)
    ]
    lines = events(log)
    assert [(line["event"], line.get("account_id")) for line in lines] == expected
    standard = {"timestamp", "level", "logger", "message"}
    assert all(line.keys() <= FIELDS | standard for line in lines)
    assert "[redacted]" not in str(lines)


def test_the_documentation_knows_every_event() -> None:
    document = Path("docs/operations.md").read_text()
    section = document.partition("## Security events")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `(\w+)` \| (?:info|warning)", section, re.MULTILINE)
    assert listed == [event.value for event in SecurityEvent]
