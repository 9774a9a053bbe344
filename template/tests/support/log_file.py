"""The lines of the log as production writes them, for tests to read."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.core.logging.handler import BackgroundHandler
from app.core.logging.lines import render_json

Line = dict[str, Any]


class LogFile:
    """A file with one JSON object a line."""

    def __init__(self, path: Path, handler: logging.Handler) -> None:
        self.path = path
        self.handler = handler

    def lines(self, logger: str = "app") -> list[Line]:
        """Return what a logger and those below it have said."""
        self.handler.flush()
        lines = [json.loads(line) for line in self.path.read_bytes().splitlines()]
        return [line for line in lines if line["logger"].startswith(logger)]

    def line(self, logger: str = "app") -> Line:
        """Return the only thing they have said."""
        (line,) = self.lines(logger)
        return line


@contextmanager
def log_file(path: Path) -> Iterator[LogFile]:
    """Write the logs of all loggers to a file until the block ends."""
    root = logging.getLogger()
    level = root.level
    with path.open("wb") as file:
        handler = BackgroundHandler(file.fileno(), render_json)
        root.addHandler(handler)
        root.setLevel(logging.INFO)
        try:
            yield LogFile(path, handler)
        finally:
            root.setLevel(level)
            root.removeHandler(handler)
            handler.flush()
            handler.close()
