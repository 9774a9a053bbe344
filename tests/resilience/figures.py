"""Results of a soak: how requests ended, what was lost, what was left behind."""

import json
from collections import Counter
from collections.abc import Iterator
from statistics import quantiles
from typing import NamedTuple

from tests.resilience.crowd import Crowd
from tests.resilience.service import Resources, Service
from tests.resilience.trial import CALM, Outcome

COLUMNS = (
    "servers",
    "requests",
    "done",
    "404",
    "503, 504",
    "other",
    "p50 (ms)",
    "p99 (ms)",
    "longest (ms)",
    "ready after (s)",
)
DONE = frozenset({200, 201, 204})
LATER = frozenset({503, 504})


class Figures(NamedTuple):
    """All that is known afterwards."""

    crowd: Crowd
    recoveries: dict[str, float]
    before: Resources
    after: Resources
    losses: list[str]
    errors: list[dict[str, object]]

    @property
    def surprises(self) -> list[Outcome]:
        """Undocumented responses."""
        return [one for one in self.crowd.trial.outcomes if not is_fine(one)]

    @property
    def is_good(self) -> bool:
        """Say whether nothing was lost or surprising."""
        return not (self.surprises or self.losses or self.crowd.contradictions)

    def lines(self) -> Iterator[str]:
        """Write them for people."""
        yield row(COLUMNS)
        yield "|---" * len(COLUMNS) + "|"
        for phase in (CALM, *self.recoveries):
            mine = [one for one in self.crowd.trial.outcomes if one.phase == phase]
            ready = self.recoveries.get(phase)
            yield row((phase, *counted(mine), f"{ready:.1f}" if ready else ""))
        items = sum(len(client.items) for client in self.crowd.clients)
        yield ""
        yield f"Created: {items}, lost or done twice: {len(self.losses)}"
        yield f"Read from the cache after a change: {self.crowd.copies}"
        yield f"Before: {self.before}"
        yield f"After: {self.after}"
        words = Counter(
            " ".join(str(one["message"]).split()[:4]) for one in self.errors
        )
        yield f"Logged as errors: {dict(words) or 'nothing'}"
        wrong = Counter(f"{one.status}, {one.phase}" for one in self.surprises)
        yield from (f"Wrong: {number} times {what}" for what, number in wrong.items())
        yield from (f"Wrong: {one}" for one in self.surprises[:5])
        yield from (f"Wrong: {one}" for one in self.crowd.contradictions[:20])
        yield from (f"Lost: {one}" for one in self.losses[:20])
        if not self.is_good:
            yield from (f"Logged: {one}" for one in self.errors[:5])


def is_fine(outcome: Outcome) -> bool:
    """Return whether an outcome is expected: only outages of PostgreSQL allow 503."""
    allowed = DONE | {404}
    if outcome.phase != CALM and "Valkey" not in outcome.phase:
        allowed |= LATER
    return outcome.status in allowed


def counted(outcomes: list[Outcome]) -> Iterator[object]:
    """Count how requests ended, and how long they took."""
    yield len(outcomes)
    statuses = Counter(one.status for one in outcomes)
    groups = [DONE, {404}, LATER]
    numbers = [sum(statuses[status] for status in group) for group in groups]
    yield from (*numbers, len(outcomes) - sum(numbers))
    times = sorted(one.seconds * 1000 for one in outcomes)
    cuts = quantiles(times or [0, 0], n=100, method="inclusive")
    yield from (
        round(cuts[49], 1),
        round(cuts[98], 1),
        round(times[-1] if times else 0),
    )


def row(cells: tuple[object, ...]) -> str:
    """Write a row of a table."""
    return f"| {' | '.join(map(str, cells))} |"


def errors_of(service: Service) -> list[dict[str, object]]:
    """Return what it logged as errors."""
    lines = service.log.read_text().splitlines()
    entries = [json.loads(line) for line in lines if line.startswith("{")]
    return [one for one in entries if one["level"] in {"error", "critical"}]
