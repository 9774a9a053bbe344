"""WebSockets of users who logged in."""

import pytest
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketDenialResponse

from tests.support.accounts import Account
from tests.support.log_file import LogFile

ECHO = "/api/v1/widgets/echo"


def test_token_is_a_header_or_a_subprotocol(
    anonymous: TestClient, alice: Account, log: LogFile
) -> None:
    ways: list[tuple[list[str], dict[str, str], str | None]] = [
        ([], alice.headers, None),
        (["bearer", alice.access_token], {}, "bearer"),
        (["bearer", alice.access_token, "chat"], {}, "bearer"),
    ]
    for offered, headers, chosen in ways:
        with anonymous.websocket_connect(
            ECHO, offered or None, headers={**headers}
        ) as socket:
            assert socket.accepted_subprotocol == chosen
            socket.send_text("hello")
            assert socket.receive_text() == "hello"
    lines = log.lines("app.core.logging.access_log")
    assert [line["user_id"] for line in lines] == [str(alice.id)] * len(ways)


def test_other_handshakes_are_401(anonymous: TestClient, alice: Account) -> None:
    token = alice.access_token
    for offered in ([], ["bearer"], ["bearer", "x"], [token], ["chat", token]):
        with (
            pytest.raises(WebSocketDenialResponse) as refused,
            anonymous.websocket_connect(ECHO, offered or None, headers={}),
        ):
            pass
        assert refused.value.status_code == 401
        assert refused.value.headers["www-authenticate"] == "Bearer"
