"""Entity tags: which state of something a client knows (RFC 9110, section 8.8.3)."""

import re
from dataclasses import dataclass
from hashlib import blake2b

from pydantic import BaseModel

from app.core.errors import PreconditionFailedError

# Only what stands by itself in a list: no piece of something broken is a tag.
TAG = re.compile(r'(?<![^\s,])(W/)?("[\x21\x23-\x7e\x80-\xff]*")(?![^\s,])')
# Compressed, the same state has other bytes, and so another tag: ours, or a proxy's.
CODINGS = ("br", "gzip", "zstd")


def to_json(representation: BaseModel) -> bytes:
    """Return what clients receive, the same bytes wherever the value comes from."""
    return representation.model_dump_json(by_alias=True).encode()


def etag(content: bytes) -> str:
    """Return a strong tag, which stands for these bytes and no others."""
    return f'"{blake2b(content, digest_size=16).hexdigest()}"'


def compressed_etag(tag: str, coding: str) -> str:
    """Return the tag of the same content when it is compressed."""
    return f'{tag[:-1]}-{coding}"'


@dataclass(frozen=True, slots=True)
class Preconditions:
    """The states a client accepts, and those it knows already; by default, any."""

    if_match: str | None = None
    if_none_match: str | None = None

    def accept(self, tag: str) -> bool:
        """Tell whether this is a state that the client wants to work on."""
        given = self.if_match
        return given is None or _find(given, tag, weak=False) is not None

    def know(self, tag: str) -> str | None:
        """Return the tag by which the client has this state already, if it has."""
        return None if self.if_none_match is None else _find(self.if_none_match, tag)

    def check(self, representation: BaseModel) -> None:
        """Raise ``PreconditionFailedError`` if this state must not be changed."""
        tag = etag(to_json(representation))
        if not self.accept(tag) or self.know(tag):
            raise PreconditionFailedError


ANY_STATE = Preconditions()


def _find(condition: str, tag: str, *, weak: bool = True) -> str | None:
    """Find a state in a list; ``*`` has all. Strictly, a weak tag equals no other."""
    if condition.strip() == "*":
        return tag
    own = {tag, *(compressed_etag(tag, coding) for coding in CODINGS)}
    given = (one for prefix, one in TAG.findall(condition) if weak or not prefix)
    return next((one for one in given if one in own), None)
