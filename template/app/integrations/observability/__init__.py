"""Traces and reports of errors, both asleep until a setting says where they go."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from importlib import import_module
from typing import TypeAlias

from app.core.settings import Settings

Exporter: TypeAlias = Callable[[Settings], AbstractContextManager[None]]


def load_exporters(settings: Settings) -> list[Exporter]:
    """Import what the settings ask for, or end the process if it is not installed."""
    return [_load(*names) for names in _wanted(settings)]


def _wanted(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Return variables, modules of this package, and dependency groups."""
    if settings.otel.traces_endpoint:
        yield "OTEL_EXPORTER_OTLP_ENDPOINT", "traces", "otel"
    if settings.sentry.dsn.get_secret_value():
        yield "SENTRY_DSN", "sentry", "sentry"


def _load(variable: str, module: str, group: str) -> Exporter:
    try:
        exporter: Exporter = import_module(f"{__name__}.{module}").exporting
    except ImportError as error:
        message = f"{variable} is set, but {error}: uv sync --group {group}"
        raise SystemExit(message) from error
    return exporter
