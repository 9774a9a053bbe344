"""Access for operators, by ``OPS_KEY``."""

from app.core.operators.operators import for_operators
from app.core.operators.settings import OpsSettings

__all__ = [
    "OpsSettings",
    "for_operators",
]
