"""What clients go through together, and how their requests ended."""

from dataclasses import dataclass, field
from threading import Event
from typing import NamedTuple

from tests.resilience.service import Service

CALM = "calm"


class Outcome(NamedTuple):
    """How a request ended; ``phase`` is what was wrong with the servers meanwhile."""

    phase: str
    status: int
    seconds: float
    why: str


@dataclass
class Trial:
    """What clients go through together."""

    service: Service
    phase: str = CALM
    outcomes: list[Outcome] = field(default_factory=list)
    is_over: Event = field(default_factory=Event)
