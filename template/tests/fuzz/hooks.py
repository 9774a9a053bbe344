"""What Schemathesis cannot read in the OpenAPI document, with or without accounts."""

from hashlib import sha256
from typing import Any

import schemathesis
from schemathesis import Case, HookContext

HOOKS = "tests.fuzz.hooks"
HEADER = "Idempotency-Key"
MAX_KEY = 255  # characters


@schemathesis.hook
def before_call(_: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Give each request its own ``Idempotency-Key``: reused, it leads to 422.

    The same request has the same key, so that it is a retry. A key that is not valid
    stays as it is.
    """
    key = case.headers.get(HEADER, "")
    if 0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable():
        parts = (key, case.path, case.path_parameters, case.query, case.body)
        case.headers[HEADER] = sha256(repr(parts).encode()).hexdigest()
