"""What the modules of a project define, read from their syntax trees."""

import ast
import builtins
from collections import Counter
from collections.abc import Iterator

# Schemas are known to OpenAPI, errors to clients, by the names of their classes.
PUBLIC = ("Create", "Error", "Read", "Update")
METHODS = {"delete", "get", "patch", "post", "put"}


def definitions(source: str) -> Iterator[str]:
    """Find what may be defined only once: in the database, in URLs and in OpenAPI."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ClassDef(name=name, body=body):
                table = next(filter(None, map(table_name, body)), None)
                if table:
                    yield from (f'model "{name}"', f'table "{table}"')
                elif name.endswith(PUBLIC):
                    yield f'class "{name}"'
            case ast.Call(
                func=ast.Name("Table"), args=[ast.Constant(value=str(name)), *_]
            ):
                yield f'table "{name}"'
            case ast.Call(func=ast.Name("APIRouter"), keywords=keywords):
                values = {keyword.arg: keyword.value for keyword in keywords}
                match values.get("prefix"):
                    case ast.Constant(value=str(prefix)):
                        yield f'path "{prefix}"'
            case (
                ast.FunctionDef(name=name, decorator_list=decorators)
                | ast.AsyncFunctionDef(name=name, decorator_list=decorators)
            ) if any(map(is_route, decorators)):
                yield f'endpoint "{name}"'


def table_name(node: ast.stmt) -> str | None:
    """Return the table that a statement in a class names."""
    match node:
        case ast.Assign(
            targets=[ast.Name("__tablename__")], value=ast.Constant(value=str(name))
        ):
            return name
    return None


def is_route(decorator: ast.expr) -> bool:
    """Tell whether a decorator makes an endpoint of a function."""
    match decorator:
        case ast.Call(func=ast.Attribute(attr=method)):
            return method in METHODS
    return False


def twins(source: str) -> Iterator[str]:
    """Find the names that a module binds twice, or that are Python's own."""
    names = Counter(bound(ast.parse(source)))
    for name, times in names.items():
        if times > 1 or hasattr(builtins, name):
            yield name


def bound(tree: ast.Module) -> Iterator[str]:
    """Find the names of imports, classes and functions."""
    for node in tree.body:
        match node:
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                yield from (alias.asname or alias.name for alias in aliases)
            case (
                ast.ClassDef(name=name)
                | ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.Assign(targets=[ast.Name(name)])
            ):
                yield name


def is_free(name: str, source: str) -> bool:
    """Tell whether a name has no meaning in a module yet."""
    nodes = [*ast.walk(ast.parse(source))]
    variables = {node.id for node in nodes if isinstance(node, ast.Name)}
    imports = {
        node.asname or node.name for node in nodes if isinstance(node, ast.alias)
    }
    return name not in variables | imports | {*dir(builtins)}
