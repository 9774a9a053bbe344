"""Loading of the exporters of traces and errors that settings enable."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from importlib import import_module
from typing import TypeAlias

from app.core.settings import AppSettings
from app.core.telemetry.settings import OtelSettings, SentrySettings

Exporter: TypeAlias = Callable[[AppSettings], AbstractContextManager[None]]


def load_exporters(otel: OtelSettings, sentry: SentrySettings) -> list[Exporter]:
    """Import the enabled exporters, or end the process if one is not installed."""
    return [*_wanted(otel, sentry)]


def _wanted(otel: OtelSettings, sentry: SentrySettings) -> Iterator[Exporter]:
    if endpoint := otel.traces_endpoint:
        yield partial(_load("OTEL_EXPORTER_OTLP_ENDPOINT", "traces", "otel"), endpoint)
    if dsn := sentry.dsn.get_secret_value():
        yield partial(_load("SENTRY_DSN", "sentry", "sentry"), dsn)


def _load(
    variable: str, module: str, group: str
) -> Callable[[str, AppSettings], AbstractContextManager[None]]:
    """Import a module of this package; ``group`` is the dependency group it needs."""
    try:
        loaded = import_module(f"app.core.telemetry.{module}")
    except ImportError as error:
        message = f"{variable} is set, but {error}: uv sync --group {group}"
        raise SystemExit(message) from error
    exporting: Callable[[str, AppSettings], AbstractContextManager[None]]
    exporting = loaded.exporting
    return exporting
