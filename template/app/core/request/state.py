"""Dependencies that read what the lifespan opened."""

from typing import Any

from fastapi import Depends
from starlette.requests import HTTPConnection


def from_state(name: str) -> Any:  # noqa: ANN401
    """Return a dependency on ``request.state.<name>``."""

    async def get(connection: HTTPConnection) -> Any:  # noqa: ANN401
        return getattr(connection.state, name)

    return Depends(get)


def from_settings(group: str) -> Any:  # noqa: ANN401
    """Return a dependency on a group of the settings."""

    async def get(connection: HTTPConnection) -> Any:  # noqa: ANN401
        return getattr(connection.state.settings, group)

    return Depends(get)
