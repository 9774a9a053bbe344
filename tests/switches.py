"""Which releases to update from, and which answers can change on the way."""

from collections.abc import Sequence

from tests.matrix import (
    TEXT_ONLY,
    Answers,
    choices,
    code_variants,
    each_answer,
    pairwise,
    questions,
    variant_id,
    variants,
)
from tests.updates import ORIGINS, PRESENT, successor

# A version to update from, and the answers of the project.
Way = tuple[str, Answers]
# The version before and after, and the answers before and after.
Switch = tuple[str, str, Answers, Answers]


def all_ways(every: Sequence[Answers]) -> list[Way]:
    """Return all versions to update from with all variants."""
    return [(version, one) for version in ORIGINS for one in every]


def likely_ways(every: Sequence[Answers], *, edited: bool) -> list[Way]:
    """Return the two newest versions with every pair of answers, the oldest with each.

    One project without edits is enough: in projects with edits, all other files are
    compared as well.
    """
    few = pairwise(every)
    if not edited:
        return [(ORIGINS[-1], few[0])]
    newest = [(version, one) for version in ORIGINS[-2:] for one in few]
    oldest = [(ORIGINS[0], one) for one in each_answer(every)]
    return newest + [way for way in oldest if way not in newest]


def all_switches() -> list[Switch]:
    """Return those between all code trees, and each change of any other answer."""
    each = each_switch(code_variants())
    return [
        *((PRESENT, PRESENT, *one) for one in switches(code_variants())),
        *((PRESENT, PRESENT, *one) for one in each_switch(variants())),
        *((version, successor(version), *one) for version in ORIGINS for one in each),
    ]


def likely_switches() -> list[Switch]:
    """Return each change of an answer that changes code, also during an update."""
    each = each_switch(code_variants())
    versions = [(ORIGINS[0], successor(ORIGINS[0])), (PRESENT, PRESENT)]
    return [(*pair, *one) for pair in versions for one in each]


def switches(variants: Sequence[Answers]) -> list[tuple[Answers, Answers]]:
    """Return each two variants between which one answer of a project may change."""
    known = {variant_id(variant): variant for variant in variants}
    return [
        (before, known[after])
        for before in variants
        for name, question in questions().items()
        if name in before and "ask" not in question
        for value in choices(question, before)
        if value != before[name]
        if (after := variant_id(before | {name: value})) in known
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


def other_texts() -> Answers:
    """Answer each question that changes no code, and not as most people do."""
    return {
        name: next(
            (value for value in choices(question, {}) if value != question["default"]),
            question.get("placeholder", "another"),
        )
        for name, question in questions().items()
        if name in TEXT_ONLY or not choices(question, {})
    }
