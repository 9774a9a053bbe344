"""Dependencies that read what the lifespan opened."""

from typing import Any

from fastapi import Depends, Request


def from_state(name: str) -> Any:  # noqa: ANN401
    """Return a dependency on ``request.state.<name>``."""

    async def get(request: Request) -> Any:  # noqa: ANN401
        return getattr(request.state, name)

    return Depends(get)


def from_settings(group: str) -> Any:  # noqa: ANN401
    """Return a dependency on a group of the settings."""

    async def get(request: Request) -> Any:  # noqa: ANN401
        return getattr(request.state.settings, group)

    return Depends(get)
