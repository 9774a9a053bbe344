"""Types of settings: hosts, origins, networks and the prefix of paths."""

import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, IPvAnyNetwork
from pydantic_settings import NoDecode

from app.core.settings import comma_separated

NAME = r"([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])"
HOST = re.compile(rf"\*|(\*\.)?{NAME}")
ORIGIN = re.compile(rf"\*|[a-z][a-z0-9+.-]*://{NAME}(:[0-9]+)?")
# Paths of the service itself, which must not be used as a prefix.
OWN_PATHS = ("/api/v1/", "/api/v2/", "/docs/", "/health/", "/metrics/", "/redoc/")


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
    BeforeValidator(_lower),  # runs first
    AfterValidator(_all_like(HOST, "api.example.com, *.example.com")),
]
Origins = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(comma_separated),
    BeforeValidator(_lower),  # runs first
    AfterValidator(_all_like(ORIGIN, "https://example.com, http://localhost:3000")),
]
Networks = Annotated[
    tuple[IPvAnyNetwork, ...], NoDecode, BeforeValidator(comma_separated)
]


def _root_path(value: str) -> str:
    if value and not re.fullmatch(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+", value):
        raise ValueError("is not a path such as /shop, without a slash at its end")
    if value and any(path.startswith(f"{value}/") for path in OWN_PATHS):
        raise ValueError("is where the service has paths itself; choose another one")
    return value


RootPath = Annotated[str, AfterValidator(_root_path)]
