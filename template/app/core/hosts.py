"""Hosts and origins in settings: ``one, another``."""

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

from app.core.setting_types import comma_separated

NAME = r"([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])"
HOST = re.compile(rf"\*|(\*\.)?{NAME}")
ORIGIN = re.compile(rf"\*|[a-z][a-z0-9+.-]*://{NAME}(:[0-9]+)?")


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _all_like(
    pattern: re.Pattern[str], example: str
) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    def check(names: tuple[str, ...]) -> tuple[str, ...]:
        if not all(pattern.fullmatch(name) for name in names):
            raise ValueError(f"is not a list such as {example}")
        return names

    return check


Hosts = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(comma_separated),
    BeforeValidator(_lower),  # sees the value first
    AfterValidator(_all_like(HOST, "api.example.com, *.example.com")),
]
Origins = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(comma_separated),
    BeforeValidator(_lower),  # sees the value first
    AfterValidator(_all_like(ORIGIN, "https://example.com, http://localhost:3000")),
]
