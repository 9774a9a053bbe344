"""A group of settings: those whose names begin with the same word."""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

# The default of a group with a required field. If no variable of the group is set, the
# message names that field.
Required: Any = Field(default_factory=dict, validate_default=True)


class Group(BaseModel):
    """Base of all groups: immutable, and errors do not show values."""

    model_config = ConfigDict(
        arbitrary_types_allowed=True,
        frozen=True,
        hide_input_in_errors=True,
    )

    def insecure(self) -> Iterator[str]:
        """Yield what production must not accept, as ``NAME: reason``.

        Lines must not show values. The service does not start in production while there
        is such a line.
        """
        yield from ()


def comma_separated(value: object) -> object:
    """Split ``one, another`` for a field that is a list."""
    if not isinstance(value, str):
        return value
    return [stripped for part in value.split(",") if (stripped := part.strip())]
