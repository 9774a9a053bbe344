"""Base class of groups of settings, whose names share a prefix."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

# The default of a group with a required field. If no variable of the group is set, the
# message names that field.
Required: Any = Field(default_factory=dict, validate_default=True)


class Group(BaseModel):
    """Base of all groups: immutable; errors do not show values."""

    model_config = ConfigDict(
        arbitrary_types_allowed=True,
        frozen=True,
        hide_input_in_errors=True,
    )

    def insecure(self) -> Iterator[str]:
        """Yield insecure settings, as ``NAME: reason`` without values.

        In production, the service does not start if there is one.
        """
        yield from ()


def comma_separated(value: object) -> object:
    """Split ``one, another`` for a field that is a list."""
    if not isinstance(value, str):
        return value
    return [stripped for part in value.split(",") if (stripped := part.strip())]
