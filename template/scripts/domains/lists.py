"""Where all domains are listed: one more is added, or one taken out.

Imports, constants and members of lists that name the domain; what else is in a file,
and in which order, stays as it is.
"""

import ast
from collections.abc import Callable, Iterator
from itertools import chain, pairwise

from scripts.domains.listings import Listing, Listings, Mentions


def add(source: str, mentions: Mentions, rewrite: Callable[[str], str]) -> str:
    """Put a rewritten copy after whatever names the domain."""
    content = source.encode()
    edits = []
    for listing in Listings(source, mentions).find():
        for run in listing.runs:
            copies = [rewrite(content[m.start : m.end].decode()) for m in run]
            if listing.kind in {ast.Module, ast.ClassDef}:
                at = (content.find(b"\n", run[-1].end)) + 1
                indent = "    " if listing.kind is ast.ClassDef else ""
                text = "".join(f"{indent}{copy}\n" for copy in copies)
            else:
                at = run[-1].end
                text = "".join(f", {copy}" for copy in copies)
            edits.append((at, at, text))
    return _edited(content, edits)


def drop(source: str, mentions: Mentions) -> str:
    """Take out whatever names the domain."""
    content = source.encode()
    edits = []
    for listing in Listings(source, mentions).find():
        if listing.kind in {ast.Module, ast.ClassDef}:
            for member in chain.from_iterable(listing.runs):
                start = content.rfind(b"\n", 0, member.start) + 1
                edits.append((start, content.find(b"\n", member.end) + 1, ""))
        else:
            edits += _without(listing, content)
    return _edited(content, edits)


def _without(listing: Listing, content: bytes) -> Iterator[tuple[int, int, str]]:
    members = listing.members
    kept = [member for member in members if not member.is_named]
    if not kept:
        end = members[-1].end
        comma = content[end:].lstrip().startswith(b",")
        end = content.find(b",", end) + 1 if comma else end
        start = members[0].start
        if listing.kind is ast.Set:  # {} would be a dict
            start, end = content.rfind(b"{", 0, start), content.find(b"}", end) + 1
        yield start, end, ""
        return
    for member, following in pairwise(members):
        if member.is_named and following.start <= kept[-1].start:
            yield member.start, following.start, ""
    end = max(kept[-1].end, members[-1].end)
    is_alone = listing.kind is ast.Tuple and len(kept) == 1
    has_comma = content[end:].lstrip().startswith(b",")
    yield kept[-1].end, end, "," if is_alone and not has_comma else ""


def _edited(content: bytes, edits: list[tuple[int, int, str]]) -> str:
    for start, end, text in sorted(edits, reverse=True):
        content = content[:start] + text.encode() + content[end:]
    return content.decode()
