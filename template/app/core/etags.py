"""Entity tags: which state of something a client knows (RFC 9110, section 8.8.3)."""

import re
from dataclasses import dataclass
from hashlib import blake2b

from pydantic import BaseModel

from app.core.exceptions import PreconditionFailedError

# Only what stands by itself in a list: no piece of something broken is a tag.
TAG = re.compile(r'(?<![^\s,])(W/)?("[\x21\x23-\x7e\x80-\xff]*")(?![^\s,])')


def to_json(representation: BaseModel) -> bytes:
    """Return what clients receive, the same bytes wherever the value comes from."""
    return representation.model_dump_json(by_alias=True).encode()


def etag(content: bytes) -> str:
    """Return a strong tag, which stands for these bytes and no others."""
    return f'"{blake2b(content, digest_size=16).hexdigest()}"'


@dataclass(frozen=True, slots=True)
class Preconditions:
    """The states a client accepts, and those it knows already; by default, any."""

    if_match: str | None = None
    if_none_match: str | None = None

    def accept(self, tag: str) -> bool:
        """Tell whether this is a state that the client wants to work on."""
        return self.if_match is None or _has(self.if_match, tag, weak=False)

    def know(self, tag: str) -> bool:
        """Tell whether the client has this state already."""
        return self.if_none_match is not None and _has(self.if_none_match, tag)

    def check(self, representation: BaseModel) -> None:
        """Raise ``PreconditionFailedError`` if this state must not be changed."""
        tag = etag(to_json(representation))
        if not self.accept(tag) or self.know(tag):
            raise PreconditionFailedError


ANY_STATE = Preconditions()


def _has(condition: str, tag: str, *, weak: bool = True) -> bool:
    """Look for a tag in a list; ``*`` has all. Strictly, a weak tag equals no other."""
    return condition.strip() == "*" or any(
        one == tag and (weak or not prefix) for prefix, one in TAG.findall(condition)
    )
