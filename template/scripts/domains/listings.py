"""What a module lists: the statements of its blocks, the entries of its collections."""

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

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
    def runs(self) -> list[list[Member]]:
        """Those about the domain, where they follow each other."""
        groups = groupby(self.members, key=lambda member: member.is_named)
        return [list(members) for is_named, members in groups if is_named]


class Listings:
    """Finds in a module whatever lists the domain among others."""

    def __init__(self, source: str, mentions: Mentions) -> None:
        self.source = source
        self._mentions = mentions
        self._lines = [0]
        for line in source.encode().split(b"\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)

    def find(self) -> list[Listing]:
        """Return all of them, in no particular order."""
        found = self._in_block(ast.parse(self.source))
        return [listing for listing in found if listing.runs]

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
