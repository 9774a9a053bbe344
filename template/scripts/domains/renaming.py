"""Source code of one domain, rewritten for another."""

import io
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from scripts.domains.docstrings import wrapped
from scripts.domains.names import Names, article, camel

TEXTS = {"STRING", "COMMENT", "FSTRING_MIDDLE"}
# Pages have "items", whatever is on them.
OF_PAGES = r'(?<!\bself)\.items\b|(?<=[\w)\]])\["items"\]|\{"items"(?=[:,])'
# Where in a text a word is the name of a table or of something in the code, and where
# it is part of a URL, a scope or a problem; \0 is the word.
AS_IN_CODE = re.compile(
    r"[_{(.=\[`]\0|\b(INTO|FROM|UPDATE|JOIN|TABLE|ANALYZE) \0|\0([_(=}`\]]|\.\w)"
)
AS_IN_URLS = re.compile(r'[/-]\0|\0(-|:\w)|\btags=\["\0"')
ALONE = re.compile(r"""["']\0["']""")

WRITE: Mapping[str, Callable[[str], str]] = {
    "snake": str,
    "constant": str.upper,
    "camel": camel,
    "kebab": lambda name: name.replace("_", "-"),
    "words": lambda name: name.replace("_", " "),
    "sentence": lambda name: name.replace("_", " ").capitalize(),
}


class Naming:
    """Finds the names of a domain in source code."""

    def __init__(self, old: Names) -> None:
        self.old = old
        self._path = re.compile(rf"(?<![a-z]){old.plural}(?![a-z])")
        self._pattern = re.compile(
            rf"(?P<kept>{OF_PAGES})"
            r"|(?P<module>\bapp(?:[./]\w+)+)"
            r"|(?:(?<![a-zA-Z])(?P<article>[Aa]n?)(?P<gap>[ _]))?"
            r"(?P<word>"
            rf"(?<![a-zA-Z])(?:{_either(old, 'snake', 'kebab', 'words')})(?![a-zA-Z])"
            rf"|(?<![A-Z])(?:{_either(old, 'constant')})(?![a-zA-Z])"
            rf"|(?:{_either(old, 'camel', 'sentence')})(?![a-z]))"
        )

    def mentions(self, text: str) -> bool:
        """Tell whether a text names the domain."""
        return any(
            match["word"] or (match["module"] and self._path.search(match[0]))
            for match in self._pattern.finditer(text)
        )


class Renaming(Naming):
    """Writes the names of one domain where those of another are."""

    def __init__(self, old: Names, new: Names) -> None:
        super().__init__(old)
        self.new = new

    def path(self, path: str) -> str:
        """Return where a file of the one is in the other; also for import paths."""
        return self._path.sub(self.new.plural, path)

    def rewrite(self, source: str) -> str:
        """Rewrite a module, or a part of one."""
        texts = list(_texts(source))

        def replace(match: re.Match[str]) -> str:
            if match["kept"]:
                return match[0]
            if match["module"]:
                return self.path(match[0])
            start, end = match.span("word")
            is_text = any(first <= start < last for first, last in texts)
            before = source[:start].rpartition("\n")[2]
            around = f"{before}\0{source[end:].partition(chr(10))[0]}"
            return self._written(match, around, is_text=is_text)

        return wrapped(self._pattern.sub(replace, source))

    def _written(self, match: re.Match[str], around: str, *, is_text: bool) -> str:
        word = match["word"]
        is_plural = _plain(word) == _plain(self.old.plural)
        name = self.new.plural if is_plural else self.new.singular
        new = WRITE[_style(word, around, is_text=is_text)](name)
        if not match["article"]:
            return new
        first = match["article"][0]
        return f"{first}{article(name)[1:]}{match['gap']}{new}"


def _either(names: Names, *styles: str) -> str:
    """Return a pattern for both names in some ways of writing."""
    forms = {WRITE[style](name) for style in styles for name in names.both}
    return "|".join(sorted(forms, key=len, reverse=True))


def refuse_confusion(renaming: Renaming, files: Iterable[Path]) -> None:
    """End the process if a new name already means something else in what is copied."""
    for path in files:
        pieces = _pieces(path.read_text("utf-8"))
        names = {piece.string for piece in pieces if piece.type == tokenize.NAME}
        changed = {renaming.rewrite(name) for name in names if renaming.mentions(name)}
        if confused := sorted(changed & names):
            raise SystemExit(f'"{confused[0]}" has another meaning in {path}.')


def _style(word: str, around: str, *, is_text: bool) -> str:
    """Tell how a word is written, and how one of several words would be there."""
    if word.isupper():
        return "constant"
    is_name = not is_text or ALONE.search(around) or AS_IN_CODE.search(around)
    if not word.islower():
        is_part = re.search(r"[a-z]\0|\0[A-Z]", around)
        is_camel = is_name or is_part or re.search("[a-z][A-Z]", word)
        return "camel" if is_camel else "sentence"
    for sign, style in (("_", "snake"), ("-", "kebab"), (" ", "words")):
        if sign in word:
            return style
    if is_text and AS_IN_URLS.search(around):
        return "kebab"
    return "snake" if is_name else "words"


def _texts(source: str) -> Iterator[tuple[int, int]]:
    """Find strings and comments."""
    lines = [0]
    for line in source.split("\n"):
        lines.append(lines[-1] + len(line) + 1)
    for piece in _pieces(source):
        if tokenize.tok_name[piece.type] in TEXTS:
            (first, start), (last, end) = piece.start, piece.end
            yield lines[first - 2] + start, lines[last - 2] + end


def _pieces(source: str) -> Iterator[tokenize.TokenInfo]:
    """Split what need not be a whole module: in brackets, it is one to Python."""
    return tokenize.generate_tokens(io.StringIO(f"(\n{source}\n)").readline)


def _plain(word: str) -> str:
    return re.sub("[-_ ]", "", word).lower()
