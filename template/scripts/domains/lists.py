"""Where all domains are listed: one more is added, or one taken out.

Imports, constants and members of lists that name the domain; what else is in a file,
and in which order, stays as it is.
"""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

Mentions = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Member:
    """A statement in a block, or an entry of a collection."""

    start: int
    end: int
    is_named: bool  # it is about the domain


@dataclass(frozen=True, slots=True)
class Listing:
    """Members side by side."""

    members: Sequence[Member]
    kind: type[ast.AST]

    @property
    def named(self) -> list[Member]:
        """Those about the domain."""
        return [member for member in self.members if member.is_named]


class Listings:
    """Finds in a module whatever lists the domain among others."""

    def __init__(self, source: str, mentions: Mentions) -> None:
        self.source = source
        self._mentions = mentions
        self._lines = [0]
        for line in source.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line.encode()))

    def find(self) -> list[Listing]:
        """Return all of them, in no particular order."""
        found = self._in_block(ast.parse(self.source))
        return [listing for listing in found if listing.named]

    def _in_block(self, block: ast.Module | ast.ClassDef) -> Iterator[Listing]:
        members = []
        for statement in block.body:
            is_named = self._names_domain(statement)
            members.append(self._member(statement, statement, is_named=is_named))
            if is_named:
                continue
            if isinstance(statement, ast.ClassDef):
                yield from self._in_block(statement)
            elif isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value:
                yield from self._in_value(statement.value)
        yield Listing(members, type(block))

    def _in_value(self, value: ast.AST) -> Iterator[Listing]:
        entries = _entries(value)
        members = []
        for first, last in entries:
            is_named = self._names_domain(first)
            members.append(self._member(first, last, is_named=is_named))
            if not is_named:
                yield from self._in_value(last)
        if not isinstance(value, ast.Call):
            yield Listing(members, type(value))

    def _names_domain(self, node: ast.AST) -> bool:
        match node:
            case (
                ast.ImportFrom(module=str(name))
                | ast.Assign(targets=[ast.Name(id=name)])
                | ast.AnnAssign(target=ast.Name(id=name))
            ):
                return self._mentions(name)
            case ast.Constant(value=str(text)):
                return " " not in text and self._mentions(f'"{text}"')
            case ast.Name() | ast.Attribute():
                return self._mentions(ast.unparse(node))
            case ast.Tuple(elts=[first, *_]):
                return self._names_domain(first)
        return False

    def _member(self, first: ast.AST, last: ast.AST, *, is_named: bool) -> Member:
        start = self._lines[first.lineno - 1] + first.col_offset  # type: ignore[attr-defined]
        end = self._lines[last.end_lineno - 1] + last.end_col_offset  # type: ignore[attr-defined]
        return Member(start, end, is_named)


def _entries(value: ast.AST) -> list[tuple[ast.AST, ast.AST]]:
    """Return the first and the last part of each entry: key and value, or twice one."""
    match value:
        case ast.List(elts=entries) | ast.Tuple(elts=entries) | ast.Set(elts=entries):
            return [(entry, entry) for entry in entries]
        case ast.Call(args=arguments, keywords=keywords):
            values = [*arguments, *(keyword.value for keyword in keywords)]
            return [(one, one) for one in values]
        case ast.Dict(keys=keys, values=values):
            return [(key or one, one) for key, one in zip(keys, values, strict=True)]
    return []


def add(source: str, mentions: Mentions, rewrite: Callable[[str], str]) -> str:
    """Put a rewritten copy after whatever names the domain."""
    content = source.encode()
    edits = []
    for listing in Listings(source, mentions).find():
        copies = [rewrite(content[m.start : m.end].decode()) for m in listing.named]
        if listing.kind in {ast.Module, ast.ClassDef}:
            at = (content.find(b"\n", listing.named[-1].end)) + 1
            indent = "    " if listing.kind is ast.ClassDef else ""
            text = "".join(f"{indent}{copy}\n" for copy in copies)
        else:
            at = listing.named[-1].end
            text = "".join(f", {copy}" for copy in copies)
        edits.append((at, at, text))
    return _edited(content, edits)


def drop(source: str, mentions: Mentions) -> str:
    """Take out whatever names the domain."""
    content = source.encode()
    edits = []
    for listing in Listings(source, mentions).find():
        if listing.kind in {ast.Module, ast.ClassDef}:
            for member in listing.named:
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
