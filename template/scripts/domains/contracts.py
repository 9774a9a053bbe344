"""The import contracts in ``pyproject.toml``: a domain is added, or taken out."""

import re
from collections.abc import Callable

from scripts.domains.listings import Mentions

TABLE = re.compile(r"^(?=\[)", re.MULTILINE)
CONTRACT = "[[tool.importlinter.contracts]]"
TITLE = re.compile(r'^name = "(.*)"$', re.MULTILINE)
LIST = re.compile(r"(?<== )\[[^\]]*\]")
ENTRY = re.compile(r'(\n *)?"([^"]*)"')
ENTRY_AND_COMMA = re.compile(r'(?:\n *)?"([^"]*)"(?:, ?)?')
SIBLINGS = re.compile(r" ([:|]) ")  # layers beside each other: "items : orders"


def add(source: str, mentions: Mentions, rewrite: Callable[[str], str]) -> str:
    """Name the new domain wherever the old one is, in a contract of its own too."""

    def extend(match: re.Match[str]) -> str:
        line, text = match.groups()
        for name in SIBLINGS.split(text)[::2]:
            if mentions(name):
                if "." in name:
                    return f'{match[0]},{line or " "}"{rewrite(name)}"'
                return match[0].replace(name, f"{name} : {rewrite(name)}")
        return match[0]

    tables = []
    for table in TABLE.split(source):
        if not table.startswith(CONTRACT):
            tables.append(table)
        elif _is_about(table, mentions):
            tables += [table, rewrite(table)]
        else:
            tables.append(LIST.sub(lambda found: ENTRY.sub(extend, found[0]), table))
    return "".join(tables)


def drop(source: str, mentions: Mentions) -> str:
    """Take the domain out; a contract that is then about nothing goes with it."""

    def shorten(match: re.Match[str]) -> str:
        signs = SIBLINGS.findall(match[1])
        names = SIBLINGS.split(match[1])[::2]
        kept = [name for name in names if not mentions(name)]
        if kept == names:
            return match[0]
        layer = f" {signs[0]} ".join(kept) if kept and signs else "".join(kept)
        return match[0].replace(match[1], layer) if kept else ""

    def shorten_list(match: re.Match[str]) -> str:
        entries = ENTRY_AND_COMMA.sub(shorten, match[0])
        return entries.replace(", ]", "]") if ENTRY.search(entries) else "[]"

    tables = []
    for table in TABLE.split(source):
        if not table.startswith(CONTRACT):
            tables.append(table)
        elif not _is_about(table, mentions):
            changed = LIST.sub(shorten_list, table)
            tables.append("" if "= []\n" in changed else changed)
    return "".join(tables)


def _is_about(table: str, mentions: Mentions) -> bool:
    title = TITLE.search(table)
    return bool(title and mentions(title[0]))
