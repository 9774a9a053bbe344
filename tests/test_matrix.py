"""The matrix follows ``copier.yml``, also after additions."""

from copy import deepcopy
from itertools import combinations
from math import prod
from typing import Any

from tests.matrix import (
    CONFIG,
    SERVERS,
    TEXT_ONLY,
    Answers,
    code_variants,
    likely_variants,
    pairwise,
    questions,
    server_variants,
    variant_id,
    variants,
)

SIZES = {
    name: len(question.get("choices", [0, 1]))
    for name, question in questions().items()
    if question.get("choices") or question["type"] == "bool"
}
IN_2026 = ("layout", "database", "redis", "auth", *TEXT_ONLY)


def test_every_combination_is_there_once() -> None:
    assert len(variants()) == prod(SIZES.values())
    assert len({variant_id(variant) for variant in variants()}) == len(variants())
    assert all(variant.keys() == SIZES.keys() for variant in variants())


def test_every_combination_of_code_is_tested() -> None:
    sizes = [size for name, size in SIZES.items() if name not in TEXT_ONLY]
    assert len(code_variants()) == prod(sizes)


def test_a_new_choice_and_a_new_question_are_covered_without_touching_a_test() -> None:
    config = deepcopy(CONFIG)
    config["database"]["choices"]["Another one"] = "other"
    config["fresh"] = {"type": "bool", "help": "A new question", "default": False}
    known = SIZES["database"]
    assert len(variants(config)) == len(variants()) * (known + 1) // known * 2
    assert len(code_variants(config)) == len(code_variants()) * (known + 1) // known * 2


def test_every_choice_of_servers_is_broken_once() -> None:
    chosen = [tuple(one[name] for name in SERVERS) for one in server_variants()]
    assert sorted(chosen) == sorted(
        {tuple(one[name] for name in SERVERS) for one in code_variants()}
    )
    others = [name for name in SIZES if name not in {*SERVERS, *TEXT_ONLY}]
    for name in others:
        assert {one[name] for one in server_variants()} == {
            one[name] for one in code_variants()
        }


def test_the_choices_of_servers_have_every_pair_of_answers_but_the_layout() -> None:
    """Of as many questions as there were in 2026."""
    config = {name: CONFIG[name] for name in IN_2026}

    def work(some: list[Answers]) -> list[Answers]:
        left_out = {"layout", *TEXT_ONLY}
        return [
            {name: value for name, value in one.items() if name not in left_out}
            for one in some
        ]

    assert pairs(work(server_variants(config))) == pairs(work(code_variants(config)))


def test_impossible_pairs_come_from_the_file() -> None:
    config = deepcopy(CONFIG)
    config["queue"] = {
        "type": "str",
        "help": "A question that depends on another",
        "when": "{{ redis }}",
        "choices": {
            "Any": "any",
            "Async only": {
                "value": "fast",
                "validator": "{% if database == 'sync' %}needs async{% endif %}",
            },
        },
        "default": "any",
    }
    combined = [
        (variant["redis"], variant["database"], variant.get("queue"))
        for variant in variants(config)
    ]
    assert set(combined) == {
        (False, "async", None),
        (False, "sync", None),
        (True, "async", "any"),
        (True, "async", "fast"),
        (True, "sync", "any"),
    }


def test_the_likely_ones_have_each_code_tree_and_every_pair_of_answers() -> None:
    likely = likely_variants()
    assert all(tree in likely for tree in code_variants())
    assert pairs(likely) == pairs(variants())
    assert len(likely) < len(variants()) / 16


def test_the_quick_part_has_every_pair_of_answers() -> None:
    quick = pairwise(variants())
    assert pairs(quick) == pairs(variants())
    assert len(quick) < len(variants()) / 4


def pairs(chosen: list[Answers]) -> set[Any]:
    """Return all pairs of answers that occur in some variants."""
    return combined(chosen, 2)


def combined(chosen: list[Answers], size: int) -> set[Any]:
    """Return which answers occur together in some variants."""
    return {
        found for one in chosen for found in combinations(sorted(one.items()), size)
    }
