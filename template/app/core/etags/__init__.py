"""ETags and conditional requests (RFC 9110)."""

from app.core.etags.conditional import (
    CONDITIONS,
    preconditions,
    tagged,
    versioned,
    versioned_unless_known,
)
from app.core.etags.etags import ANY_STATE, Preconditions, compressed_etag

__all__ = [
    "ANY_STATE",
    "CONDITIONS",
    "Preconditions",
    "compressed_etag",
    "preconditions",
    "tagged",
    "versioned",
    "versioned_unless_known",
]
