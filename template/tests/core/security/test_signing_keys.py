"""Signing and verification keys of access tokens."""

import json
from base64 import b64encode
from functools import lru_cache
from random import Random
from secrets import token_hex
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from app.core.settings import looks_random
from app.settings import load_settings


def names(message: str) -> list[str]:
    """Return the variables that the lines of a message begin with."""
    return [line.split(":")[0].strip() for line in message.splitlines()[1:]]


@lru_cache
def private_key(kind: str) -> Any:  # noqa: ANN401
    """Make a key, once."""
    if kind == "Ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    if kind == "EC":
        return ec.generate_private_key(ec.SECP256R1())
    bits = int(kind.removeprefix("RSA"))
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def private_pem(kind: str, password: bytes | None = None) -> str:
    seal = BestAvailableEncryption(password) if password else NoEncryption()
    key = private_key(kind)
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, seal)
    return pem.decode()


def public_pem(kind: str) -> str:
    key = private_key(kind).public_key()
    pem: bytes = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode()


def set_keys(
    monkeypatch: pytest.MonkeyPatch, algorithm: str, key: str, *older: str
) -> None:
    monkeypatch.setenv("AUTH_ALGORITHM", algorithm)
    monkeypatch.setenv("AUTH_SIGNING_KEY", key)
    monkeypatch.setenv("AUTH_VERIFICATION_KEYS", json.dumps(older))


STRONG = token_hex(32)
WEAK_SECRETS = [
    "x",
    STRONG[:31],
    "a" * 64,
    "a" * 31 + "bcdefghijk",
    "changeme" * 8,
    "0123456" * 10,
    "12345678901234567890123456789012",
    "changethis-changethis-changethis",
    "your-256-bit-secret-your-256-bit-secret",
    "please-change-this-secret-key-before-production",
    "my-super-secret-jwt-signing-key-123456",
    "correct horse battery staple correct",
    "0123456789abcdef" * 4,
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    " " * 32,
]


def refused_keys() -> list[tuple[str, str]]:
    """Return algorithms with keys that are not for them."""
    return [
        *(("HS256", secret) for secret in WEAK_SECRETS),
        ("HS256", private_pem("RSA2048")),
        ("HS256", public_pem("RSA2048")),
        ("HS256", private_pem("Ed25519")),
        ("RS256", STRONG),
        ("RS256", private_pem("RSA1024")),
        ("RS256", private_pem("Ed25519")),
        ("RS256", private_pem("EC")),
        ("RS256", public_pem("RSA2048")),
        ("RS256", private_pem("RSA2048", b"passphrase")),
        ("EdDSA", STRONG),
        ("EdDSA", private_pem("RSA2048")),
        ("EdDSA", private_pem("EC")),
        ("EdDSA", public_pem("Ed25519")),
        ("EdDSA", private_pem("Ed25519")[:80]),
    ]


def refused_verification_keys() -> list[tuple[str, str, str]]:
    """Return algorithms with a good key and one that is not for them."""
    rsa, eddsa = private_pem("RSA2048"), private_pem("Ed25519")
    return [
        *(("HS256", STRONG, secret) for secret in WEAK_SECRETS),
        ("HS256", STRONG, public_pem("RSA2048")),
        ("RS256", rsa, STRONG),
        ("RS256", rsa, public_pem("RSA1024")),
        ("RS256", rsa, public_pem("Ed25519")),
        ("RS256", rsa, rsa),
        ("EdDSA", eddsa, public_pem("RSA2048")),
        ("EdDSA", eddsa, public_pem("EC")),
        ("EdDSA", eddsa, eddsa),
    ]


def check_refusal(variable: str, key: str) -> None:
    """Try to load the settings, in development."""
    with pytest.raises(SystemExit) as error:
        load_settings()
    message = str(error.value)
    assert names(message) == [variable]
    parts = [line for line in key.splitlines() if "-----" not in line and len(line) > 8]
    assert not any(part in message for part in parts)


def test_bad_signing_keys_are_refused(
    monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    for algorithm, key in refused_keys():
        with subtests.test(algorithm=algorithm, key=key[:40]):
            set_keys(monkeypatch, algorithm, key)
            check_refusal("AUTH_SIGNING_KEY", key)


def test_bad_verification_keys_are_refused(
    monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    for algorithm, good, key in refused_verification_keys():
        with subtests.test(algorithm=algorithm, key=key[:40]):
            set_keys(monkeypatch, algorithm, good, key)
            check_refusal("AUTH_VERIFICATION_KEYS", key)


@pytest.mark.parametrize("value", ["s3cret-key", '"s3cret-key"', '["s3cret-key'])
def test_verification_keys_must_be_a_list(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("AUTH_VERIFICATION_KEYS", value)
    with pytest.raises(SystemExit, match="AUTH_VERIFICATION_KEYS: ") as error:
        load_settings()
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize(
    ("algorithm", "kind"), [("RS256", "RSA2048"), ("EdDSA", "Ed25519")]
)
def test_key_pairs_are_accepted(
    monkeypatch: pytest.MonkeyPatch, algorithm: str, kind: str
) -> None:
    set_keys(monkeypatch, algorithm, private_pem(kind), public_pem(kind))
    ring = load_settings().auth.key_ring()
    # The public half of the signing key has the same id.
    assert ring.verification_key(ring.signing_key_id)


def test_random_secrets_are_accepted() -> None:
    random = Random(16)  # noqa: S311
    for _ in range(500):
        assert looks_random(random.randbytes(16).hex())
        assert looks_random(b64encode(random.randbytes(32)).decode())
        assert looks_random(str(UUID(bytes=random.randbytes(16))))


def test_strong_secrets_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    older = token_hex(32)
    set_keys(monkeypatch, "HS256", STRONG, older)
    ring = load_settings().auth.key_ring()
    assert ring.verification_key(ring.signing_key_id) == STRONG
    with pytest.raises(KeyError):
        ring.verification_key(None)
