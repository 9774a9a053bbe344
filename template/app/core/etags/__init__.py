"""ETags and conditional requests (RFC 9110)."""

from app.core.etags.conditional import PreconditionsDep, with_etag
from app.core.etags.documentation import document_etags
from app.core.etags.etags import Preconditions, compressed_etag

__all__ = [
    "Preconditions",
    "PreconditionsDep",
    "compressed_etag",
    "document_etags",
    "with_etag",
]
