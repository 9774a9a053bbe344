"""Adds a line to a Python module where its syntax tree says.

Lines only: the formatter of the project sorts imports, breaks lines and indents.
"""

import ast

Collection = ast.Dict | ast.List | ast.Set | ast.Tuple


def add_import(source: str, statement: str) -> str:
    """Add an import after the last one; raises ``LookupError`` if there is none."""
    body = ast.parse(source).body
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    return insert(source, end(imports[-1]), statement)


def add_member(source: str, statement: str, *, to: str) -> str:
    """Add a constant after the last one of a class; raises ``LookupError``."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name == to:
            members = [child for child in node.body if isinstance(child, ast.Assign)]
            return insert(source, end(members[-1]), f"    {statement}")
    raise LookupError(to)


def add_entry(source: str, entry: str, *, to: str, key: str | None = None) -> str:
    """Add an entry to the collection that is the value of a variable.

    With ``key``, that is a dictionary, and the entry goes to the value of this key.
    Raises ``LookupError``.
    """
    node = collection(ast.parse(source), to, key)
    if node.lineno == node.end_lineno:
        return insert_in_line(source, node, entry)
    # One entry per line, as the formatter wants it, each with a comma.
    return insert(source, line_before(node, entry), f"{entry},")


def collection(tree: ast.Module, variable: str, key: str | None) -> Collection:
    """Return the collection that is the value of a variable, or of one of its keys."""
    for node in tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(name)], value=value)
                | ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value)
            ) if name == variable:
                if key and isinstance(value, ast.Dict):
                    value = value_of(value, key)
                for child in ast.walk(value):  # frozenset({…})
                    if isinstance(child, Collection):
                        return child
    raise LookupError(variable)


def value_of(dictionary: ast.Dict, key: str) -> ast.expr:
    """Return the value of a key such as ``Role.USER``."""
    for node, value in zip(dictionary.keys, dictionary.values, strict=True):
        if isinstance(node, ast.Attribute) and node.attr == key:
            return value
    raise LookupError(key)


def line_before(node: Collection, entry: str) -> int:
    """Return the last line before a new entry: of a dictionary, sorted by key."""
    if isinstance(node, ast.Dict):
        entries = [
            value
            for key, value in zip(node.keys, node.values, strict=True)
            if key and ast.unparse(key).strip("'") < entry.partition(":")[0].strip('"')
        ]
    else:
        entries = node.elts
    return end(entries[-1]) if entries else node.lineno


def end(node: ast.stmt | ast.expr) -> int:
    """Return the last line of a node."""
    return node.end_lineno or node.lineno


def insert(source: str, line: int, text: str) -> str:
    """Return a module with one more line after a line."""
    lines = source.splitlines(keepends=True)
    lines.insert(line, f"{text}\n")
    return "".join(lines)


def insert_in_line(source: str, node: Collection, entry: str) -> str:
    """Return a module with one more entry in front of a closing bracket."""
    lines = source.encode().splitlines(keepends=True)
    line, bracket = lines[node.lineno - 1], (node.end_col_offset or 0) - 1
    before, after = line[:bracket], line[bracket:]
    comma = b"" if before.endswith((b"(", b"[", b"{", b",")) else b", "
    lines[node.lineno - 1] = before + comma + entry.encode() + after
    return b"".join(lines).decode()
