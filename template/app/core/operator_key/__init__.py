"""Access for operators, by ``OPS_KEY``."""

from app.core.operator_key.access import for_operators
from app.core.operator_key.settings import OpsSettings

__all__ = [
    "OpsSettings",
    "for_operators",
]
