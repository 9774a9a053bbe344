"""Error reports of a separate process, with a mock of Sentry."""

import gzip
import json
import logging
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import RemoteProtocolError
from pydantic import SecretStr

from app.core.sentry import reports
from app.core.settings import insecure_settings
from app.factory import create_app
from app.settings import Settings, load_settings
from tests.support.mock_server import MockServer, mock_server
from tests.support.settings import changed
from tests.support.traced_service import SECRET, traced_service

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
NAMES = {"traceparent": f"00-{TRACE_ID}-00f067aa0ba902b7-01", "X-Request-ID": "abc-1"}
DSN = "https://key@sentry.example.com/1"
PATHS = ("/sql-fails", "/is-down", "/nowhere")


def dsn_of(server: MockServer) -> str:
    """Return the DSN that leads to a stub."""
    return f"{server.url}/1".replace("://", "://key@")


@pytest.fixture(scope="module")
def events(settings: Settings) -> list[dict[str, Any]]:
    """The reports of one request of each kind."""
    with mock_server() as server:
        service = traced_service(settings, server, SENTRY_DSN=dsn_of(server))
        with service as client:
            secret = {"code": SECRET}
            client.post("/fails", params=secret, json=secret, headers=NAMES)
            statuses = [client.get(path, headers=NAMES).status_code for path in PATHS]
            assert statuses == [500, 503, 404]
            with pytest.raises(RemoteProtocolError):
                client.get("/fails-late", headers=NAMES)
        return [
            json.loads(gzip.decompress(request.body).splitlines()[2])
            for request in server.asked
            if request.path == "/api/1/envelope/"
        ]


@pytest.mark.slow
def test_only_unexpected_errors_are_reported_and_once(
    events: list[dict[str, Any]],
) -> None:
    kinds = [event["exception"]["values"][-1]["type"] for event in events]
    assert kinds == ["RuntimeError", "ProgrammingError", "RuntimeError"]


@pytest.mark.slow
def test_reports_contain_the_ids_of_the_request(
    events: list[dict[str, Any]], settings: Settings
) -> None:
    for event in events:
        assert event["tags"] == {"request_id": "abc-1", "trace_id": TRACE_ID}
        assert event["contexts"]["trace"]["trace_id"] == TRACE_ID
        assert event["environment"] == settings.app.environment
        assert event["release"] == settings.app.version


@pytest.mark.slow
def test_reports_contain_no_secrets(events: list[dict[str, Any]]) -> None:
    values = [event["exception"]["values"][-1]["value"] for event in events]
    assert values[0] == "password=[redacted] 1"
    assert values[-1] == "password=[redacted]"
    reports = json.dumps(events)
    assert "vars" not in reports
    assert "request" not in events[0]
    assert SECRET not in reports
    assert "127.0.0.1" not in reports


def test_reports_are_sent_at_shutdown(settings: Settings) -> None:
    with mock_server() as server:
        with reports.report_errors(dsn_of(server), settings.app):
            logging.getLogger("app").error("It failed.")
        assert [asked.path for asked in server.asked] == ["/api/1/envelope/"]


@pytest.mark.usefixtures("not_installed")
def test_exporter_is_not_imported_unless_enabled(settings: Settings) -> None:
    with TestClient(create_app(settings)) as client:
        assert client.get("/health/live").status_code == 200


@pytest.mark.usefixtures("not_installed")
def test_enabled_exporter_must_be_installed(settings: Settings) -> None:
    settings = changed(settings, "sentry", dsn=SecretStr(DSN))
    with pytest.raises(SystemExit, match=r"SENTRY_DSN is set.*--group sentry"):
        create_app(settings)


@pytest.mark.parametrize("dsn", ["sentry", "https://example.com/1", "ftp://a@b/1"])
def test_bad_dsn_is_refused(monkeypatch: pytest.MonkeyPatch, dsn: str) -> None:
    monkeypatch.setenv("SENTRY_DSN", dsn)
    with pytest.raises(SystemExit, match="SENTRY_DSN: is not a DSN"):
        load_settings()


def test_reports_in_the_clear_are_insecure(safe: Settings) -> None:
    dsn = SecretStr("http://key@sentry.example.com/1")
    (line,) = insecure_settings(changed(safe, "sentry", dsn=dsn))
    assert line.startswith("SENTRY_DSN: ")
