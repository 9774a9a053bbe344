"""The ``Idempotency-Key`` header: a retry has no further effect."""

from app.core.idempotency.idempotency import IdempotencyDep
from app.core.idempotency.keys import IdempotencyKey
from app.core.idempotency.settings import IdempotencySettings

__all__ = [
    "IdempotencyDep",
    "IdempotencyKey",
    "IdempotencySettings",
]
