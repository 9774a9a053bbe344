"""Docstrings and comments that longer names have made too long."""

import re
import textwrap

MAX_LINE = 88
ONE_LINE = re.compile(r'( *)"""([^;:]*)[;:] (.*)"""')
PROSE = re.compile(r'( *(?:# )?)[A-Z][a-z]+ [^"=]*\.')


def wrapped(source: str) -> str:
    """Break their lines in two."""
    return "\n".join(
        new
        for line in source.split("\n")
        for new in (_wrapped(line) if len(line) > MAX_LINE else [line])
    )


def _wrapped(line: str) -> list[str]:
    if one := ONE_LINE.fullmatch(line):
        indent, first, rest = one.groups()
        paragraph = _filled(indent, rest[0].upper() + rest[1:])
        return [f'{indent}"""{first}.', "", *paragraph, f'{indent}"""']
    if prose := PROSE.fullmatch(line):
        return _filled(prose[1], line.removeprefix(prose[1]))
    return [line]


def _filled(indent: str, text: str) -> list[str]:
    return textwrap.wrap(
        text, MAX_LINE, initial_indent=indent, subsequent_indent=indent
    )
