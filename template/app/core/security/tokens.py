"""Signed access tokens (JWT), and random tokens of which only a hash is stored."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from secrets import token_urlsafe
from time import time
from uuid import UUID, uuid4

import jwt

from app.core.errors import UnauthenticatedError
from app.core.security.settings import AuthSettings

ACCESS = "access"
CLAIMS = ["iss", "aud", "sub", "sid", "jti", "typ", "iat", "exp"]
MAX_TOKEN_LENGTH = 4096  # characters; a token has some hundred
# Errors of PyJWT, and those of malformed claims: an unknown key, a number for a text,
# a list for a number, a number with 400 digits …
INVALID = (
    jwt.PyJWTError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
LEEWAY = 5  # seconds of clock skew between two machines
CACHE_SIZE = 1024  # tokens; clients send a token many times


class InvalidTokenError(UnauthenticatedError):
    """The token is invalid, expired or revoked."""

    def __init__(self) -> None:
        super().__init__("The token is invalid or has expired.")


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of an access token."""

    user_id: UUID
    session_id: UUID


class AccessTokens:
    """Issues and verifies access tokens: JWT (RFC 7519), following RFC 8725."""

    def __init__(
        self, settings: AuthSettings, kind: str = ACCESS, ttl: int | None = None
    ) -> None:
        self._settings = settings
        self._kind = kind
        self._ttl = settings.access_ttl if ttl is None else ttl
        self._keys = settings.key_ring()
        # Verifying a signature takes as long as reading a row. The result is cached,
        # because only the expiry depends on the time.
        self._read_once = lru_cache(maxsize=CACHE_SIZE)(self._read)

    def issue(self, claims: Claims) -> str:
        """Return a signed token for a session."""
        now = int(datetime.now(UTC).timestamp())
        payload = {
            "iss": self._settings.issuer,
            "aud": self._settings.audience,
            "sub": str(claims.user_id),
            "sid": str(claims.session_id),
            "jti": str(uuid4()),
            "typ": self._kind,
            "iat": now,
            "exp": now + self._ttl,
        }
        return jwt.encode(
            payload,
            self._keys.signing_key,
            algorithm=self._settings.algorithm,
            headers={"kid": self._keys.signing_key_id},
        )

    def read(self, token: str) -> Claims:
        """Verify a token and return its claims; raises ``InvalidTokenError``."""
        claims, _ = self.read_with_expiry(token)
        return claims

    def read_with_expiry(self, token: str) -> tuple[Claims, int]:
        """Verify a token; return its claims, and the Unix time when it expires."""
        if len(token) > MAX_TOKEN_LENGTH:
            raise InvalidTokenError
        claims, expires_at = self._read_once(token)
        if expires_at + LEEWAY <= time():
            raise InvalidTokenError
        return claims, expires_at

    def _read(self, token: str) -> tuple[Claims, int]:
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
            payload = jwt.decode(
                token,
                self._keys.verification_key(key_id),
                algorithms=[self._settings.algorithm],
                issuer=self._settings.issuer,
                audience=self._settings.audience,
                leeway=LEEWAY,
                options={"require": CLAIMS, "strict_aud": True},
            )
            lifetime = payload["exp"] - payload["iat"]
            if payload["typ"] != self._kind or lifetime > self._ttl:
                raise InvalidTokenError
            claims = Claims(UUID(payload["sub"]), UUID(payload["sid"]))
            return claims, payload["exp"]
        except INVALID:
            raise InvalidTokenError from None


def generate_token() -> str:
    """Generate a URL-safe random token with 256 bits."""
    return token_urlsafe(32)


def hash_token(secret: str) -> bytes:
    """Hash a random token for storage. It cannot be guessed, so it needs no salt."""
    return sha256(secret.encode()).digest()
