"""Seals for values that are kept where others may be able to write."""

import hmac
from base64 import b64encode
from time import time


class BrokenSealError(ValueError):
    """Another key sealed this value, or it was sealed under another name."""


class Seal:
    """Binds a value to a name and a time; only holders of the secret can do so."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def close(self, name: str, value: bytes, ttl: int) -> bytes:
        """Return the value, sealed for so many seconds."""
        text = b"%d %b" % (time() + ttl, value)
        return self._sign(name, text) + b" " + text

    def open(self, name: str, sealed: bytes) -> bytes | None:
        """Return the value, or None after its time; raises ``BrokenSealError``."""
        signature, _, text = sealed.partition(b" ")
        if not hmac.compare_digest(signature, self._sign(name, text)):
            raise BrokenSealError
        expires_at, _, value = text.partition(b" ")
        return value if time() < int(expires_at) else None

    def _sign(self, name: str, text: bytes) -> bytes:
        message = name.encode() + b" " + text
        return b64encode(hmac.digest(self._secret, message, "sha256"))
