"""Keys of access tokens: one signs; it and earlier ones verify."""

import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import Literal, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from app.core.settings import looks_random

Algorithm: TypeAlias = Literal["HS256", "RS256", "EdDSA"]
PrivateKey: TypeAlias = str | RSAPrivateKey | Ed25519PrivateKey
PublicKey: TypeAlias = str | RSAPublicKey | Ed25519PublicKey

BAD_PEM = (TypeError, ValueError, UnsupportedAlgorithm)

SHORTEST_SECRET = 32  # bytes, as long as the hash: RFC 7518, section 3.2
SHORTEST_RSA = 2048  # bits: RFC 7518, section 3.3


class KeyRing:
    """The keys of one algorithm, found by an id that is derived from the key.

    Raises ``ValueError`` for a weak key, and for one of another algorithm.
    """

    def __init__(
        self, algorithm: Algorithm, signing_key: str, verification_keys: Sequence[str]
    ) -> None:
        self.signing_key = read_signing_key(algorithm, signing_key)
        older = (read_verification_key(algorithm, key) for key in verification_keys)
        own = _public_half(self.signing_key)
        self.signing_key_id = _key_id(own)
        self._keys = {_key_id(key): key for key in (*older, own)}

    def verification_key(self, key_id: str | None) -> PublicKey:
        """Return the key with this id; raises ``KeyError``."""
        return self._keys[key_id or ""]


def read_signing_key(algorithm: Algorithm, text: str) -> PrivateKey:
    """Return the key that signs: a secret, or a private key in PEM format."""
    if algorithm == "HS256":
        return _secret(text)
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except BAD_PEM:
        key = None
    if algorithm == "EdDSA" and isinstance(key, Ed25519PrivateKey):
        return key
    if algorithm == "RS256" and isinstance(key, RSAPrivateKey):
        _check_size(key)
        return key
    raise ValueError(f"is not a private key for {algorithm} in PEM format")


def read_verification_key(algorithm: Algorithm, text: str) -> PublicKey:
    """Return a key that only verifies: a secret, or a public key in PEM format."""
    if algorithm == "HS256":
        return _secret(text)
    try:
        key = load_pem_public_key(text.encode())
    except BAD_PEM:
        key = None
    if algorithm == "EdDSA" and isinstance(key, Ed25519PublicKey):
        return key
    if algorithm == "RS256" and isinstance(key, RSAPublicKey):
        _check_size(key)
        return key
    raise ValueError(f"is not a public key for {algorithm} in PEM format")


def _secret(text: str) -> str:
    if "-----BEGIN " in text:
        raise ValueError("is a key in PEM format, which HS256 cannot use")
    short = len(text.encode()) < SHORTEST_SECRET
    if short or not looks_random(text):
        raise ValueError(f"needs {SHORTEST_SECRET} random bytes: openssl rand -hex 32")
    return text


def _public_half(key: PrivateKey) -> PublicKey:
    return key if isinstance(key, str) else key.public_key()


def _check_size(key: RSAPrivateKey | RSAPublicKey) -> None:
    if key.key_size < SHORTEST_RSA:
        raise ValueError(f"needs at least {SHORTEST_RSA} bits")


def _key_id(key: PublicKey) -> str:
    """Return an id of a key that does not reveal the key."""
    if isinstance(key, str):
        return hmac.digest(key.encode(), b"key id", "sha256").hex()[:16]
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(der).hexdigest()[:16]
