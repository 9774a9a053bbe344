"""What came of a load: how requests ended, what was lost, what was left behind."""

import json
from collections import Counter
from collections.abc import Iterator
from statistics import quantiles
from typing import NamedTuple

import psutil

from tests.resilience.crowd import Crowd
from tests.resilience.service import Service
from tests.resilience.trial import CALM, Outcome

CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE client_port IS NOT NULL"
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


class Use(NamedTuple):
    """What a service takes from its machine and from its database."""

    memory: int
    files: int
    threads: int
    connections: int

    def __str__(self) -> str:
        """Write it for people."""
        return (
            f"{self.memory} MiB, {self.files} files, {self.threads} threads,"
            f" {self.connections} connections to PostgreSQL"
        )


class Figures(NamedTuple):
    """All that is known afterwards."""

    load: Crowd
    recoveries: dict[str, float]
    before: Use
    after: Use
    losses: list[str]
    errors: Counter[str]

    @property
    def surprises(self) -> list[Outcome]:
        """Answers that nobody documents."""
        return [one for one in self.load.trial.outcomes if not is_fine(one)]

    @property
    def is_good(self) -> bool:
        """Say whether nothing was lost or surprising."""
        return not (self.surprises or self.losses or self.load.contradictions)

    def lines(self) -> Iterator[str]:
        """Write them for people."""
        yield row(COLUMNS)
        yield "|---" * len(COLUMNS) + "|"
        for phase in (CALM, *self.recoveries):
            mine = [one for one in self.load.trial.outcomes if one.phase == phase]
            ready = self.recoveries.get(phase)
            yield row((phase, *counted(mine), f"{ready:.1f}" if ready else ""))
        items = sum(len(client.items) for client in self.load.clients)
        yield ""
        yield f"Created: {items}, lost or done twice: {len(self.losses)}"
        yield f"Read from the cache after a change: {self.load.copies}"
        yield f"Before: {self.before}"
        yield f"After: {self.after}"
        yield f"Logged as errors: {dict(self.errors) or 'nothing'}"
        wrong = Counter(f"{one.status}, {one.phase}" for one in self.surprises)
        yield from (f"Wrong: {number} times {what}" for what, number in wrong.items())
        yield from (f"Wrong: {one}" for one in self.surprises[:5])
        yield from (f"Wrong: {one}" for one in self.load.contradictions[:20])
        yield from (f"Lost: {one}" for one in self.losses[:20])


def is_fine(outcome: Outcome) -> bool:
    """Say whether this may be: only while the database is away may things fail."""
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


def use_of(service: Service) -> Use:
    """Measure what it takes now."""
    process = psutil.Process(service.pid)
    return Use(
        process.memory_info().rss // 2**20,
        process.num_fds(),
        process.num_threads(),
        int(service.postgresql.ask(CONNECTIONS)) - 1,
    )


def errors_of(service: Service) -> Counter[str]:
    """Count what it logged as an error, by its first words."""
    lines = service.log.read_text().splitlines()
    entries = [json.loads(line) for line in lines if line.startswith("{")]
    wrong = [one for one in entries if one["level"] in {"error", "critical"}]
    return Counter(" ".join(one["message"].split()[:4]) for one in wrong)
