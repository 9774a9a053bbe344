"""What was released is for ever, but for the exceptions in ``contract.yml``."""

from typing import Any

import yaml

from tests.matrix import ROOT, Answers, choices, questions
from tests.updates import Files

EXCEPTIONS: dict[str, dict[str, str]] = yaml.safe_load(
    (ROOT / "tests" / "contract.yml").read_text()
)


def answers_of(config: dict[str, Any]) -> set[str]:
    """Name all questions and their choices; also those remembered and never asked."""
    remembered = {
        name
        for name, question in config.items()
        if not name.startswith("_") and question.get("when") is not False
    }
    offered: Answers = questions(config)
    return remembered | {
        f"{name}={value}"
        for name, question in offered.items()
        for value in choices(question, {})
    }


def lost_answers(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Return what could be answered and cannot be any more."""
    return answers_of(before) - answers_of(after) - EXCEPTIONS["answers"].keys()


def lost_paths(before: Files, after: Files) -> set[str]:
    """Return the paths that a project had and a new one has not."""
    return before.keys() - after.keys() - EXCEPTIONS["paths"].keys()


def changed_migrations(before: Files, after: Files) -> set[str]:
    """Return the migrations that are not what databases have been through."""
    return {
        path
        for path in before.keys() & after.keys()
        if path.startswith("migrations/versions/") and before[path] != after[path]
    }
