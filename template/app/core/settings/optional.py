"""Packages that are only installed if a setting enables them."""

from importlib import import_module
from typing import Any


def load_optional(module: str, *, variable: str, group: str) -> Any:  # noqa: ANN401
    """Import a module that needs a dependency group, or end the process."""
    try:
        return import_module(module)
    except ImportError as error:
        message = f"{variable} is set, but {error}: uv sync --group {group}"
        raise SystemExit(message) from error
