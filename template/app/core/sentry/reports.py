"""Reports of logged errors to Sentry, without personal data."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.logging import LoggingIntegration, ignore_logger
from sentry_sdk.types import Event, Hint

from app.core.logging import plain
from app.core.request import request_context
from app.core.settings import AppSettings

FLUSH_TIMEOUT = 2  # seconds by which Sentry can delay shutdown


@contextmanager
def report_errors(dsn: str, app: AppSettings) -> Iterator[None]:
    """Report logged errors while the block runs."""
    ignore_logger("opentelemetry.*")  # its collector's outages are not errors
    sentry_sdk.init(
        dsn,
        environment=app.environment,
        release=app.version,
        # Other integrations patch libraries, and read bodies and variables.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            DedupeIntegration(),
            LoggingIntegration(level=None, sentry_logs_level=None),
        ],
        include_local_variables=False,
        before_send=prepare,
    )
    try:
        yield
    finally:
        sentry_sdk.get_client().close(FLUSH_TIMEOUT)


def prepare(event: Event, _: Hint) -> Event:
    """Add the request id to an event, and redact secrets."""
    if context := request_context.get():
        tags = {"request_id": context.request_id, "trace_id": context.trace_id}
        event["tags"] = {**event.get("tags", {}), **tags}
        trace = event.setdefault("contexts", {}).setdefault("trace", {})
        trace["trace_id"] = context.trace_id
    redacted: Event = _redact(event)
    return redacted


def _redact(value: Any, name: str = "") -> Any:  # noqa: ANN401
    """Redact an event, which is nested deeper than a log line."""
    if isinstance(value, dict):
        return {key: _redact(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_redact(item, name) for item in value]
    return plain(value, name)
