"""Which answers of a project can change, and from what to what."""

from collections.abc import Sequence
from itertools import permutations

from tests.matrix import Answers, questions


def switches(variants: Sequence[Answers]) -> list[tuple[Answers, Answers]]:
    """Return each two variants between which one answer of a project may change."""
    fixed = {name for name, question in questions().items() if "ask" in question}
    return [
        (before, after)
        for before, after in permutations(variants, 2)
        if before.keys() == after.keys()
        and len(changed := changes(before, after)) == 1
        and not fixed & changed.keys()
    ]


def each_switch(variants: Sequence[Answers]) -> list[tuple[Answers, Answers]]:
    """Return one of the switches for each change of an answer."""
    found: dict[str, list[tuple[Answers, Answers]]] = {}
    for before, after in switches(variants):
        changed = changes(before, after)
        found.setdefault(f"{changes(after, before)} {changed}", []).append(
            (before, after)
        )
    return [ways[number % len(ways)] for number, ways in enumerate(found.values())]


def changes(before: Answers, after: Answers) -> Answers:
    """Return the answers that differ."""
    return {name: after[name] for name in after if after[name] != before.get(name)}
