"""Configuration of logging for the service, uvicorn and libraries.

Modules use the standard library, ``logging.getLogger(__name__)`` and ``extra={…}``, so
tests and exporters can read records. structlog forwards to it.
"""

import logging
import os
import sys
from pathlib import Path

import structlog
from structlog.typing import EventDict

from app.core.logging.handler import BackgroundHandler
from app.core.logging.lines import STANDARD, Renderer, console_renderer, render_json
from app.core.logging.settings import LogSettings
from app.core.settings import AppSettings

# Fields that structlog passes to logging under the same names.
SHARED = {"exc_info", "stack_info"}
UNUSED = ("logThreads", "logProcesses", "logMultiprocessing", "logAsyncioTasks")


def configure_logs(log: LogSettings, app: AppSettings) -> None:
    """Configure all loggers to write to stdout. Call this once per process."""
    if sys.stdout is None:  # closed when the process was started
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
    root = logging.getLogger()
    if log.format == "none" or _is_configured(root):
        return
    root.addHandler(BackgroundHandler(sys.stdout.fileno(), _renderer(log, app)))
    root.setLevel(log.level.upper())
    _take_over_uvicorn(log.level.upper())
    for name, level in log.levels.items():
        logging.getLogger(name).setLevel(level.upper())
    for name in UNUSED:  # not logged, so not computed
        setattr(logging, name, False)
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _rename_clashes,
            structlog.stdlib.render_to_log_args_and_kwargs,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _is_configured(root: logging.Logger) -> bool:
    return any(isinstance(handler, BackgroundHandler) for handler in root.handlers)


def _rename_clashes(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Append an underscore to fields whose names logging would reject."""
    for name in event.keys() & STANDARD - SHARED:
        event[f"{name}_"] = event.pop(name)
    return event


def _renderer(log: LogSettings, app: AppSettings) -> Renderer:
    is_development = not app.is_production
    if log.format == "console" or (log.format == "auto" and is_development):
        return console_renderer(colors=sys.stdout.isatty())
    return render_json


def _take_over_uvicorn(level: str) -> None:
    """Replace uvicorn's log configuration, made before it imports the application."""
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.setLevel(level)
        # AccessLogMiddleware logs more, and a logger without handlers costs nothing.
        logger.propagate = name != "uvicorn.access"
