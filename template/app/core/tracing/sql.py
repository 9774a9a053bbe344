"""Spans of SQL statements, without values.

OpenTelemetry's own instrumentation adds error messages to spans, and those of
PostgreSQL contain values. It does not support SQLAlchemy 2.1.
"""

import re
from typing import Any

from opentelemetry.trace import SpanKind, StatusCode, Tracer
from sqlalchemy import Connection, Engine, ExceptionContext, event

TARGET = re.compile(r'\b(?:FROM|INTO|UPDATE)\s+"?(\w+)', re.IGNORECASE)


def trace_statements(tracer: Tracer) -> None:
    """Trace the statements of all engines of the process."""

    def start(connection: Connection, *details: Any) -> None:  # noqa: ANN401
        _, statement, _, context, _ = details
        url = connection.engine.url
        attributes = {
            "db.system.name": "postgresql",
            "db.namespace": url.database,
            "db.query.summary": summarize(statement),
            "db.query.text": statement,
            "server.address": url.host,
            "server.port": url.port,
        }
        context.span = tracer.start_span(
            attributes["db.query.summary"],
            kind=SpanKind.CLIENT,
            attributes={name: value for name, value in attributes.items() if value},
        )

    event.listen(Engine, "before_cursor_execute", start)
    event.listen(Engine, "after_cursor_execute", finish)
    event.listen(Engine, "handle_error", fail)


def finish(*details: Any) -> None:  # noqa: ANN401
    """End the span of a successful statement."""
    *_, context, _ = details
    context.span.end()


def fail(error: ExceptionContext) -> None:
    """End the span of a failed statement. The message may hold personal data."""
    span = getattr(error.execution_context, "span", None)
    if span:
        kind = type(error.original_exception).__name__
        span.set_attribute("error.type", _sqlstate(error) or kind)
        span.set_status(StatusCode.ERROR)
        span.end()


def summarize(statement: str) -> str:
    """``SELECT items.id … FROM items …`` -> ``SELECT items``."""
    operation = statement.split(maxsplit=1)[0].upper()
    target = TARGET.search(statement)
    return f"{operation} {target[1]}" if target else operation


def _sqlstate(error: ExceptionContext) -> str | None:
    return getattr(error.original_exception, "sqlstate", None)
