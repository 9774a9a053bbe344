"""Strict types and bounded collections for request data.

By default, Pydantic converts ``false`` to 0, ``"12"`` to 12 and 0.5 to a time in 1970,
none of which the OpenAPI document allows, and it validates all elements of a
collection of any size.
"""

import re
from collections.abc import Callable, Collection, Mapping
from enum import Enum
from functools import partial
from typing import Any, NamedTuple

from pydantic import GetCoreSchemaHandler
from pydantic_core import PydanticCustomError

MAX_ITEMS = 100  # of a collection whose field declares no max_length
# Bounds of an integer whose field declares none: those of an Integer column.
MIN_INTEGER, MAX_INTEGER = -(2**31), 2**31 - 1

Schema = dict[str, Any]


class Format(NamedTuple):
    """The format of a value as text."""

    pattern: re.Pattern[str]
    message: str


def _format(pattern: str, expected: str) -> Format:
    return Format(re.compile(pattern, re.ASCII), f"Input should be {expected}")


_DATE = r"\d{4}-\d\d-\d\d"
_TIME = r"\d\d:\d\d(:\d\d(\.\d+)?)?"
_OFFSET = r"([Zz]|[+-]\d\d:\d\d)"
# The types and formats of OpenAPI; dates and times are those of RFC 3339.
FORMATS: Mapping[str, Format] = {
    "boolean": _format("true|false", "true or false"),
    "integer": _format(r"-?\d+", "an integer"),
    "number": _format(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", "a number"),
    "date": _format(_DATE, "a date such as 2026-01-31"),
    "date-time": _format(
        f"{_DATE}[Tt ]{_TIME}{_OFFSET}",
        "a date and time with an offset, such as 2026-01-31T12:00:00Z",
    ),
    "time": _format(f"{_TIME}{_OFFSET}?", "a time such as 12:00:00"),
    "duration": _format(r"[+-]?P[\dYMWDTHS.,]+", "a duration such as P1DT12H"),
    "uuid": _format(
        "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        "a UUID such as 018f3c5a-7b1e-7c4d-9a2f-1b3c5d7e9f01",
    ),
}
_LOCAL = _format(f"{_DATE}[Tt ]{_TIME}", "a date and time without an offset")
# Pydantic's names of these types.
_STRINGS = {
    "date": FORMATS["date"],
    "datetime": FORMATS["date-time"],
    "decimal": FORMATS["number"],
    "time": FORMATS["time"],
    "timedelta": FORMATS["duration"],
    "uuid": FORMATS["uuid"],
}
_NUMBERS = {
    "bool": FORMATS["boolean"],
    "float": FORMATS["number"],
    "int": FORMATS["integer"],
}
_COLLECTIONS = {"dict", "frozenset", "list", "set", "tuple"}
# Parts of a schema that hold no other schemas.
_OPAQUE = {"cls", "config", "default", "function", "metadata", "serialization"}


class _RecursiveTypeError(Exception):
    """A type contains itself."""


# Types that cannot be copied to the place of a reference.
_IRREPLACEABLE = (LookupError, _RecursiveTypeError)


class StrictSchema:
    """Copies schemas and makes the copies strict, including all nested types."""

    def __init__(self, handler: GetCoreSchemaHandler, *, is_form: bool) -> None:
        self.handler = handler
        self.is_form = is_form  # numbers and booleans are strings

    def copy(self, schema: Schema, inside: frozenset[str] = frozenset()) -> Schema:
        """Return a strict copy of a schema; ``inside`` are the enclosing types."""
        if schema["type"] == "definition-ref":
            return self._referenced(schema, inside)
        copy = {key: self._part(key, part, inside) for key, part in schema.items()}
        return self._checked(copy)

    def _part(self, key: str, part: Any, inside: frozenset[str]) -> Any:  # noqa: ANN401
        if key in _OPAQUE:
            return part
        if key == "keys_schema":  # in JSON, keys are texts
            keys = StrictSchema(self.handler, is_form=True)
            return keys.copy(part, inside)
        if isinstance(part, dict):
            if isinstance(part.get("type"), str):
                return self.copy(part, inside)
            return {name: self._part("", each, inside) for name, each in part.items()}
        if isinstance(part, list | tuple):
            return type(part)(self._part("", each, inside) for each in part)
        return part

    def _referenced(self, reference: Schema, inside: frozenset[str]) -> Schema:
        name = reference["schema_ref"]
        if name in inside:
            raise _RecursiveTypeError
        try:
            schema: Schema = self.handler.resolve_ref_schema(reference)  # type: ignore[assignment]
            if _is_strict(schema):
                return reference
            copy = self.copy(schema, inside | {name})
        except _IRREPLACEABLE:
            return reference
        return {key: part for key, part in copy.items() if key != "ref"}

    def _checked(self, schema: Schema) -> Schema:
        kind = schema["type"]
        if hasattr(schema.get("cls"), "__pydantic_validator__"):
            _require_strict(schema)
        if kind == "union":
            schema["choices"] = [_labelled(choice) for choice in schema["choices"]]
        if kind in _COLLECTIONS:
            return _bounded(schema)
        if kind in _STRINGS:
            return _strict_string(schema)
        if kind in _NUMBERS:
            return self._strict_number(schema)
        if kind == "enum" and schema.get("sub_type") in {"int", "float"}:
            return _before(_check_number, schema)
        return schema

    def _strict_number(self, schema: Schema) -> Schema:
        kind = schema["type"]
        if kind == "float":
            schema["allow_inf_nan"] = False
        if kind == "int":
            _bound_integer(schema)
        if self.is_form:
            return _before(_check_string, schema, _NUMBERS[kind], numbers=True)
        schema["strict"] = True
        return _before(_to_integer, schema) if kind == "int" else schema


def _is_strict(schema: Schema) -> bool:
    """Tell whether a schema is that of a model that calls ``StrictSchema`` itself."""
    while "schema" in schema and schema["type"] != "model":
        schema = schema["schema"]
    return hasattr(schema.get("cls"), "is_form")


def _require_strict(schema: Schema) -> None:
    """Reject a model that is not strict."""
    if not _is_strict(schema):
        name = schema["cls"].__name__
        raise TypeError(f"{name} is part of a request: derive it from RequestSchema")


def _labelled(choice: Any) -> Any:  # noqa: ANN401
    """Keep internal function names out of the pointers to errors."""
    is_ours = isinstance(choice, dict) and choice["type"] == "function-before"
    return (choice, choice["schema"]["type"]) if is_ours else choice


def _bound_integer(schema: Schema) -> None:
    if not schema.keys() & {"ge", "gt"}:
        schema["ge"] = MIN_INTEGER
    if not schema.keys() & {"le", "lt"}:
        schema["le"] = MAX_INTEGER


def _bounded(schema: Schema) -> Schema:
    if schema["type"] == "tuple" and "variadic_item_index" not in schema:
        return schema
    limit = schema.setdefault("max_length", MAX_ITEMS)
    if schema["type"] != "dict":
        schema["fail_fast"] = True
    return _before(_check_length, schema, limit)


def _strict_string(schema: Schema) -> Schema:
    kind = schema["type"]
    if kind == "decimal":
        return _strict_decimal(schema)
    is_local = schema.get("tz_constraint") == "naive"
    format_ = _LOCAL if is_local else _STRINGS[kind]
    return _before(_check_string, schema, format_, numbers=False)


def _strict_decimal(schema: Schema) -> Schema:
    """Accept and document strings such as ``"9.95"``, without an exponent."""
    places, digits = schema.get("decimal_places"), schema.get("max_digits")
    bounds = (schema.get("ge"), schema.get("gt"))
    sign = "" if any(bound is not None and bound >= 0 for bound in bounds) else "-?"
    whole = _digits(None if digits is None else max(1, digits - (places or 0)))
    pattern = sign + whole + ("" if places == 0 else rf"(\.{_digits(places)})?")
    format_ = _format(pattern, "a decimal number such as 9.95")
    strict = _before(_check_string, schema, format_, numbers=True)
    describe = partial(_describe_decimal, f"^{pattern}$")
    return strict | {"metadata": {"pydantic_js_extra": describe}}


def _digits(most: int | None) -> str:
    return r"\d+" if most is None else r"\d{1,N}".replace("N", str(most))


def _describe_decimal(pattern: str, document: Schema) -> None:
    for choice in document["anyOf"]:
        if choice["type"] == "string":
            choice["pattern"] = pattern


def _before(
    check: Callable[..., Any],
    schema: Schema,
    *arguments: object,
    **options: object,
) -> Schema:
    """Call a function with a value before it is validated."""
    function = partial(check, *arguments, **options)
    before = {
        "type": "function-before",
        "function": {"type": "no-info", "function": function},
        "schema": schema,
    }
    # References point to the outermost schema of a type.
    return before | ({"ref": schema.pop("ref")} if "ref" in schema else {})


def _check_length(limit: int, value: object) -> object:
    if isinstance(value, Collection) and len(value) > limit:
        raise PydanticCustomError("too_long", f"At most {limit} items are allowed")
    return value


def _check_string(format_: Format, value: object, *, numbers: bool) -> object:
    is_wrong = isinstance(value, str) and not format_.pattern.fullmatch(value)
    if is_wrong or (isinstance(value, int | float) and not numbers):
        raise PydanticCustomError("format", format_.message)
    return value


def _check_number(value: object) -> object:
    """Reject values that Pydantic converts, such as ``true`` and ``"1"``."""
    if isinstance(value, bool | str) and not isinstance(value, Enum):
        raise PydanticCustomError("number", "Input should be a number")
    return value


def _to_integer(value: object) -> object:
    """Convert 1.0 to 1: it is an integer (JSON Schema, section 6.1.1)."""
    is_integer = isinstance(value, float) and value.is_integer()
    return int(value) if is_integer else value  # type: ignore[call-overload]
