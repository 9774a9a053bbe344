"""Hosts and origins in settings: ``one, another``."""

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

NAME = r"([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])"
HOST = re.compile(rf"\*|(\*\.)?{NAME}")
ORIGIN = re.compile(rf"\*|[a-z][a-z0-9+.-]*://{NAME}(:[0-9]+)?")


def _split(value: object) -> object:
    if isinstance(value, str):
        return [name for part in value.split(",") if (name := part.strip().lower())]
    return value


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
    BeforeValidator(_split),
    AfterValidator(_all_like(HOST, "api.example.com, *.example.com")),
]
Origins = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(_split),
    AfterValidator(_all_like(ORIGIN, "https://example.com, http://localhost:3000")),
]
