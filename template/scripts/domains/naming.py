"""The names of a domain, wherever they are in source code."""

import re
from collections.abc import Callable, Iterable, Mapping

from scripts.domains.names import Names, camel

# Pages have "items", whatever is on them.
OF_PAGES = r'(?<!\bself)\.items\b|(?<=[\w)\]])\["items"\]|\{"items"(?=[:,])'

WRITE: Mapping[str, Callable[[str], str]] = {
    "snake": str,
    "constant": str.upper,
    "camel": camel,
    "kebab": lambda name: name.replace("_", "-"),
    "words": lambda name: name.replace("_", " "),
    "sentence": lambda name: name.replace("_", " ").capitalize(),
}


class Naming:
    """Finds the names of a domain, but not where they are in the names of others."""

    def __init__(self, old: Names, others: Iterable[Names] = ()) -> None:
        self.old = old
        longer = [names for names in others if _contains(names, old)]
        other = _in_every_way(longer)
        self.in_path = re.compile(
            rf"(?<![a-z])(?:(?P<other>{_either(longer, 'snake')})"
            rf"|(?P<word>{old.plural}))(?![a-z])"
        )
        self.in_code = re.compile(
            rf"(?P<kept>{OF_PAGES}|{other})"
            r"|(?P<module>\bapp(?:[./]\w+)+)"
            r"|(?:(?<![a-zA-Z])(?P<article>[Aa]n?)(?P<gap>[ _]))?"
            rf"(?!{other})(?P<word>{_in_every_way([old])})"
        )

    def mentions(self, text: str) -> bool:
        """Tell whether a text names the domain."""
        return any(
            match["word"] or (match["module"] and self._is_in_path(match[0]))
            for match in self.in_code.finditer(text)
        )

    def _is_in_path(self, path: str) -> bool:
        return any(match["word"] for match in self.in_path.finditer(path))


def _contains(longer: Names, shorter: Names) -> bool:
    words = [f"_{name}_" for name in longer.both]
    return any(f"_{name}_" in word for name in shorter.both for word in words)


def _in_every_way(names: Iterable[Names]) -> str:
    """Return a pattern for the names in every way of writing."""
    return (
        rf"(?<![a-zA-Z])(?:{_either(names, 'snake', 'kebab', 'words')})(?![a-zA-Z])"
        rf"|(?<![A-Z])(?:{_either(names, 'constant')})(?![a-zA-Z])"
        rf"|(?:{_either(names, 'camel', 'sentence')})(?![a-z])"
    )


def _either(names: Iterable[Names], *styles: str) -> str:
    """Return a pattern for the names in some ways of writing; without any, for none."""
    words = [word for one in names for word in one.both]
    forms = {WRITE[style](word) for style in styles for word in words}
    return "|".join(sorted(forms, key=len, reverse=True)) or "(?!)"
