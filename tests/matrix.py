"""Every combination of answers, read from ``copier.yml``: nothing is listed by hand."""

import json
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

Answers = dict[str, Any]

ROOT = Path(__file__).parents[1]
CONFIG: dict[str, Any] = yaml.safe_load((ROOT / "copier.yml").read_text())

# Questions whose answers change no code, only files around it; a test holds this true.
# Any other question multiplies the code trees that are installed and tested.
TEXT_ONLY = {"ci", "kubernetes", "license", "python_version"}

# What a service runs beside: how it treats these when they fail depends on little else.
SERVERS = ("database", "redis")

_jinja = SandboxedEnvironment(undefined=StrictUndefined)


def questions(config: Answers = CONFIG) -> dict[str, dict[str, Any]]:
    """Return the questions that people are asked."""
    return {
        name: details
        for name, details in config.items()
        if not name.startswith("_")
        and details.get("when") is not False
        and details.get("ask") is not False
    }


def choices(question: dict[str, Any], answers: Answers) -> list[Any]:
    """Return the values a question offers after these answers; none for free text."""
    if question.get("type") == "bool":
        return [False, True]
    offered = question.get("choices", [])
    values = offered.values() if isinstance(offered, dict) else offered
    return [
        value["value"] if isinstance(value, dict) else value
        for value in values
        if not (
            isinstance(value, dict) and _render(value.get("validator", ""), answers)
        )
    ]


def variants(config: Answers = CONFIG) -> list[Answers]:
    """Walk through the questions as Copier does: one branch for each possible value."""
    return list(_walk(list(questions(config).items()), {}))


def code_variants(config: Answers = CONFIG) -> list[Answers]:
    """Return one variant, of those with default texts, for each distinct code tree."""
    defaults = {
        name: question["default"] for name, question in questions(config).items()
    }
    return [
        variant
        for variant in variants(config)
        if all(variant.get(name) in {None, defaults[name]} for name in TEXT_ONLY)
    ]


def likely_variants(config: Answers = CONFIG) -> list[Answers]:
    """Return each code tree, and every pair of all answers."""
    chosen = code_variants(config)
    return chosen + [one for one in pairwise(variants(config)) if one not in chosen]


def pairwise(variants: Sequence[Answers]) -> list[Answers]:
    """Return a few variants in which every pair of answers still occurs."""
    return _covering(variants, 2)


def server_variants(config: Answers = CONFIG) -> list[Answers]:
    """Return a code tree for each choice of servers, with most pairs of answers."""
    choices: dict[Any, list[Answers]] = {}
    for variant in code_variants(config):
        servers = tuple(variant[name] for name in SERVERS)
        choices.setdefault(servers, []).append(variant)
    chosen: list[Answers] = []
    for some in choices.values():
        chosen.append(_least_known(some, chosen, 2))
    return chosen


def each_answer(variants: Sequence[Answers]) -> list[Answers]:
    """Return a few variants in which every answer still occurs."""
    return _covering(variants, 1)


def some_variants() -> list[Answers]:
    """Return a few code trees in which every answer still occurs."""
    return each_answer(code_variants())


def variant_id(variant: Answers) -> str:
    """Name a variant for people: ``layer-sync-redis-none``.

    "No" and default texts are left out, so a new question of yes or no renames none.
    """
    asked = questions()
    return "-".join(
        name if value is True else str(value)
        for name, value in variant.items()
        if value is not False
        and (name not in TEXT_ONLY or value != asked[name]["default"])
    )


def _walk(
    asked: list[tuple[str, dict[str, Any]]], answers: Answers
) -> Iterator[Answers]:
    if not asked:
        yield answers
        return
    (name, question), *rest = asked
    when = question.get("when", True)
    offered = choices(question, answers)
    if not offered or _render(str(when), answers).lower() in {"false", "no", "0", ""}:
        yield from _walk(rest, answers)
        return
    for value in offered:
        yield from _walk(rest, answers | {name: value})


def _render(template: str, answers: Answers) -> str:
    return _compile(template).render(answers).strip()


_compile = cache(_jinja.from_string)


def _covering(variants: Sequence[Answers], size: int) -> list[Answers]:
    """Choose variants until each combination of so many answers occurs (greedy)."""
    wanted = _known(variants, size)
    chosen: list[Answers] = []
    while _known(chosen, size) != wanted:
        chosen.append(_least_known(variants, chosen, size))
    return chosen


def _least_known(
    variants: Sequence[Answers], chosen: Sequence[Answers], size: int
) -> Answers:
    """Return the first with the most combinations of so many answers that are new."""
    known = _known(chosen, size)
    return max(variants, key=lambda one: len(_combinations(one, size) - known))


def _known(variants: Sequence[Answers], size: int) -> set[Any]:
    """Return each combination of so many answers that occurs in some variant."""
    return set[Any]().union(*(_combinations(one, size) for one in variants))


def _combinations(variant: Answers, size: int) -> set[Any]:
    return set(combinations(sorted(variant.items()), min(size, len(variant))))


def main() -> None:
    """Print a cell for each distinct code tree, as JSON; fewer with ``--pairwise``."""
    chosen = code_variants()
    if sys.argv[1:] == ["--pairwise"]:
        chosen = pairwise(chosen)
    elif sys.argv[1:]:
        raise SystemExit(f"Not known: {' '.join(sys.argv[1:])}. There is --pairwise.")
    cells = [{"id": variant_id(variant), **variant} for variant in chosen]
    print(json.dumps(cells))  # noqa: T201


if __name__ == "__main__":
    main()
