"""Signatures for values in a store that other programs may write to."""

import hmac
from base64 import b64encode
from time import time


class BrokenSealError(ValueError):
    """The signature does not match the key, the name or the value."""


class Seal:
    """Signs a value with its name and expiry, with an HMAC."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def close(self, name: str, value: bytes, ttl: int) -> bytes:
        """Sign a value that is valid for ``ttl`` seconds."""
        text = b"%d %b" % (time() + ttl, value)
        return self._sign(name, text) + b" " + text

    def open(self, name: str, sealed: bytes) -> bytes | None:
        """Return the value, or None once expired; raises ``BrokenSealError``."""
        signature, _, text = sealed.partition(b" ")
        if not hmac.compare_digest(signature, self._sign(name, text)):
            raise BrokenSealError
        expires_at, _, value = text.partition(b" ")
        return value if time() < int(expires_at) else None

    def _sign(self, name: str, text: bytes) -> bytes:
        message = name.encode() + b" " + text
        return b64encode(hmac.digest(self._secret, message, "sha256"))
