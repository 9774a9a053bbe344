"""What a domain is called, in every way of writing."""

import builtins
import keyword
import re
from dataclasses import dataclass

MAX_NAME = 30  # PostgreSQL cuts names of constraints off after 63 characters
WORDS = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
# Endings after which only people know what one of them is called.
IRREGULAR = re.compile(r".*([^s]|ss|us|is|ies|ves|oes|(ch|s|x|z)es)")


@dataclass(frozen=True, slots=True)
class Names:
    """A domain's name and what one of its things is called: order_lines, order_line."""

    plural: str
    singular: str

    def __str__(self) -> str:
        return self.plural.replace("_", " ")

    @property
    def both(self) -> tuple[str, str]:
        """The two of them."""
        return self.plural, self.singular

    @property
    def one(self) -> str:
        """One of them, with its article."""
        return f"{article(self.singular)} {self.singular.replace('_', ' ')}"


def parse(plural: str, singular: str | None) -> Names:
    """Read what somebody typed, or end the process with what is wrong with it."""
    if singular is None:
        if IRREGULAR.fullmatch(plural):
            raise SystemExit(
                f"What is one of the {plural} called? Add --singular and that word; "
                "domains have names in the plural."
            )
        singular = plural.removesuffix("s")
    for word in (plural, singular):
        name = word.replace("-", "_")
        if not WORDS.fullmatch(word) or len(word) > MAX_NAME:
            raise SystemExit(
                f'"{word}" cannot be a name: use at most {MAX_NAME} lower-case letters '
                "and digits, and one dash or underscore between words."
            )
        if name in {*keyword.kwlist, *keyword.softkwlist, *dir(builtins)}:
            raise SystemExit(f'"{word}" cannot be a name: Python uses it.')
    if plural == singular:
        raise SystemExit("One of them and all of them need different names.")
    return Names(plural.replace("-", "_"), singular.replace("-", "_"))


def camel(name: str) -> str:
    """``order_line`` -> ``OrderLine``."""
    return "".join(word.capitalize() for word in name.split("_"))


def article(name: str) -> str:
    """Return "an" for what begins like a vowel, as far as letters can tell."""
    vowel = re.match(r"(?!eu|one)([aeio]|u[lmp]|un[^i]|hour)", name)
    return "an" if vowel else "a"
