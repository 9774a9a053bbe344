"""What Schemathesis cannot read in the OpenAPI document, with or without accounts."""

import re
from hashlib import sha256
from typing import Any

import schemathesis
from schemathesis import Case, HookContext

HOOKS = "tests.fuzz.hooks"
HEADER = "Idempotency-Key"
MAX_KEY = 255  # characters
CURSOR = re.compile("[A-Za-z0-9_-]+")


@schemathesis.hook
def before_load_schema(_: HookContext, raw_schema: dict[str, Any]) -> None:
    """Leave out event streams, which do not end."""
    for operations in raw_schema["paths"].values():
        for method, operation in [*operations.items()]:
            responses = operation["responses"].values()
            if any("text/event-stream" in one.get("content", ()) for one in responses):
                del operations[method]


@schemathesis.hook
def before_call(_: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Replace what is valid by the document but leads to 422.

    Each request has its own ``Idempotency-Key``; the same request has the same one, so
    that it is a retry. Cursors that the service did not issue are left out.
    """
    cursor = (case.query or {}).get("cursor")
    if isinstance(cursor, str) and CURSOR.fullmatch(cursor):
        del case.query["cursor"]
    key = case.headers.get(HEADER, "")
    if 0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable():
        parts = (key, case.path, case.path_parameters, case.query, case.body)
        case.headers[HEADER] = sha256(repr(parts).encode()).hexdigest()
