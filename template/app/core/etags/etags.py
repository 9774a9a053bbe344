"""ETags, and comparing them (RFC 9110, sections 8.8.3 and 13.1)."""

import re
from dataclasses import dataclass
from hashlib import blake2b

from pydantic import BaseModel

from app.core.errors import PreconditionFailedError

# Between separators only: a part of a malformed value is not an ETag.
ETAG = re.compile(r'(?<![^\s,])(W/)?("[\x21\x23-\x7e\x80-\xff]*")(?![^\s,])')
# A compressed body has other bytes, and so another ETag: ``CompressionMiddleware`` and
# proxies append the coding.
CODINGS = ("br", "gzip", "zstd")


def to_json(representation: BaseModel) -> bytes:
    """Serialize a representation to the bytes that a response with it contains."""
    return representation.model_dump_json(by_alias=True).encode()


def etag(content: bytes) -> str:
    """Return the strong ETag of a body: a hash of its bytes."""
    return f'"{blake2b(content, digest_size=16).hexdigest()}"'


@dataclass(frozen=True, slots=True)
class Preconditions:
    """The headers If-Match and If-None-Match of a request."""

    if_match: str | None = None
    if_none_match: str | None = None

    def if_match_holds(self, tag: str) -> bool:
        """Tell whether If-Match is absent or lists this ETag."""
        given = self.if_match
        return given is None or _find(given, tag, weak=False) is not None

    def matching_if_none_match(self, tag: str) -> str | None:
        """Return the ETag in If-None-Match that matches this one, as it was sent."""
        return None if self.if_none_match is None else _find(self.if_none_match, tag)

    def require(self, representation: BaseModel) -> None:
        """Raise ``PreconditionFailedError`` unless this representation may change."""
        tag = etag(to_json(representation))
        if not self.if_match_holds(tag) or self.matching_if_none_match(tag):
            raise PreconditionFailedError


def _find(condition: str, tag: str, *, weak: bool = True) -> str | None:
    """Find an ETag in a list; ``*`` matches. Without ``weak``, skip weak ETags."""
    if condition.strip() == "*":
        return tag
    own = {tag, *(f'{tag[:-1]}-{coding}"' for coding in CODINGS)}
    given = (one for prefix, one in ETAG.findall(condition) if weak or not prefix)
    return next((one for one in given if one in own), None)
