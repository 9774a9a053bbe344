"""ETags and conditional requests (RFC 9110)."""

from app.core.etags.conditional import PreconditionsDep
from app.core.etags.etags import Preconditions
from app.core.etags.route import EtagRoute

__all__ = [
    "EtagRoute",
    "Preconditions",
    "PreconditionsDep",
]
