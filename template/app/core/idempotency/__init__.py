"""The ``Idempotency-Key`` header: a retry has no further effect."""

from app.core.idempotency.idempotency import IdempotencyDep
from app.core.idempotency.keys import IdempotencyKey

__all__ = [
    "IdempotencyDep",
    "IdempotencyKey",
]
