"""What a domain is called in code, in the database and in URLs."""

import keyword
import re
from dataclasses import dataclass

import inflect

MAX_LENGTH = 40  # PostgreSQL cuts off names of constraints after 63 characters
WORDS = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")

english = inflect.engine()


class Refusal(Exception):  # noqa: N818
    """The reason why a domain cannot be added, with a way out."""


@dataclass(frozen=True, slots=True)
class Names:
    """The name of a domain, and the name of one of its resources."""

    plural: str  # order_lines: the module, the table, the permissions
    singular: str  # order_line: classes and functions
    path: str  # order-lines: the URL

    @property
    def model(self) -> str:
        """The name of the class of one of them."""
        return "".join(word.capitalize() for word in self.singular.split("_"))

    @property
    def many(self) -> str:
        """The plural in a sentence."""
        return self.plural.replace("_", " ")

    @property
    def one(self) -> str:
        """The singular in a sentence, with its article."""
        return english.a(self.singular.replace("_", " "))

    @property
    def scope(self) -> str:
        """The plural in the values of permissions."""
        return self.plural.replace("_", "-")


def parse(plural: str, singular: str | None = None, path: str | None = None) -> Names:
    """Read the names that a user typed; raises ``Refusal``."""
    plural = identifier(plural)
    if keyword.iskeyword(plural):
        raise Refusal(f'"{plural}" cannot be the name of a module: Python uses it.')
    return Names(
        plural,
        identifier(singular) if singular else singularize(plural),
        identifier(path or plural).replace("_", "-"),
    )


def identifier(word: str) -> str:
    """``order-lines`` -> ``order_lines``; raises ``Refusal``."""
    if not WORDS.fullmatch(word) or len(word) > MAX_LENGTH:
        raise Refusal(
            f'"{word}" cannot be a name. Use at most {MAX_LENGTH} lower-case letters '
            "and digits, with one dash or underscore between words."
        )
    return word.replace("-", "_")


def singularize(plural: str) -> str:
    """Return what one of them is called; raises ``Refusal`` for what is no plural."""
    *before, last = plural.split("_")
    singular = english.singular_noun(last)
    if not singular:
        regular = "-".join([*before, english.plural_noun(last)])
        raise Refusal(
            f'Domains have names in the plural, such as "{regular}". '
            f'If "{plural}" is one, say what one of them is called: --singular NAME.'
        )
    return "_".join([*before, singular])
