"""Source code of one domain, rewritten for another."""

import io
import re
import tokenize
from collections.abc import Collection, Iterable, Iterator

from scripts.domains.docstrings import wrapped
from scripts.domains.names import Names, article
from scripts.domains.naming import WRITE, Naming

TEXTS = {"STRING", "COMMENT", "FSTRING_MIDDLE"}
# Where in a text a word is the name of a table or of something in the code, and where
# it is part of a URL, a scope or a problem; \0 is the word.
AS_IN_CODE = re.compile(
    r"[_{(.=\[`]\0|\b(INTO|FROM|UPDATE|JOIN|TABLE|ANALYZE) \0|\0([_(=}`\]]|\.\w)"
)
AS_IN_URLS = re.compile(r'[/-]\0|\0(-|:\w)|\btags=\["\0"')
ALONE = re.compile(r"""["']\0["']""")
NAME = re.compile(r"\w*\0\w*")


class Renaming(Naming):
    """Writes the names of one domain where those of another are.

    Names from elsewhere stay, whatever is in them.
    """

    def __init__(
        self,
        old: Names,
        new: Names,
        others: Iterable[Names] = (),
        elsewhere: Collection[str] = (),
    ) -> None:
        super().__init__(old, others)
        self.new = new
        self._elsewhere = elsewhere

    def path(self, path: str) -> str:
        """Return where a file of the one is in the other; also for import paths."""
        return self.in_path.sub(
            lambda match: self.new.plural if match["word"] else match[0], path
        )

    def rewrite(self, source: str) -> str:
        """Rewrite a module, or a part of one."""
        texts = list(_texts(source))

        def replace(match: re.Match[str]) -> str:
            if match["kept"] or match["module"] in self._elsewhere:
                return match[0]
            if match["module"]:
                return self.path(match[0])
            start, end = match.span("word")
            is_text = any(first <= start < last for first, last in texts)
            before = source[:start].rpartition("\n")[2]
            around = f"{before}\0{source[end:].partition(chr(10))[0]}"
            return self._written(match, around, is_text=is_text)

        return wrapped(self.in_code.sub(replace, source))

    def _written(self, match: re.Match[str], around: str, *, is_text: bool) -> str:
        word = match["word"]
        name_here = NAME.findall(around)[0].replace("\0", word)
        if not is_text and name_here in self._elsewhere:
            return match[0]
        is_plural = _plain(word) == _plain(self.old.plural)
        name = self.new.plural if is_plural else self.new.singular
        new = WRITE[_style(word, around, is_text=is_text)](name)
        if not match["article"]:
            return new
        first = match["article"][0]
        return f"{first}{article(name)[1:]}{match['gap']}{new}"


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
    # In brackets, a part of a module is a module to Python.
    pieces = tokenize.generate_tokens(io.StringIO(f"(\n{source}\n)").readline)
    for piece in pieces:
        if tokenize.tok_name[piece.type] in TEXTS:
            (first, start), (last, end) = piece.start, piece.end
            yield lines[first - 2] + start, lines[last - 2] + end


def _plain(word: str) -> str:
    return re.sub("[-_ ]", "", word).lower()
