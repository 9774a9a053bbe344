"""Tokens that must be rejected: of another kind, forged, malformed, of old keys."""

import hmac
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from functools import lru_cache
from secrets import token_hex
from time import time
from types import MappingProxyType
from typing import Any, TypeAlias
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from fastapi.testclient import TestClient
from httpx2 import Response
from pydantic import SecretStr

from app.core.security import AccessTokens, Claims
from app.settings import Settings
from tests.support.accounts import PASSWORD, Account, with_auth
from tests.support.sample_app import WIDGETS, create_app

API = "/api/v1"
ME = f"{API}/users/me"
NOW = int(time())
ABSENT = object()  # stands for a claim or a header that is left out

Forge: TypeAlias = Callable[..., str]


def ask(client: TestClient, value: str | bytes) -> Response:
    raw = value.encode() if isinstance(value, str) else value
    return client.get(ME, headers={b"Authorization": raw})


def assert_refused(response: Response, *given: str) -> None:
    """Check the 401 response, which must not contain the token."""
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["www-authenticate"] == "Bearer"
    words = " ".join(given).replace(".", " ").split()
    assert not [word for word in words if len(word) > 8 and word in response.text]


# --- Good tokens in the wrong place -------------------------------------------------
REFUSALS = {
    "access": {401},
    "key": {401},
    "refresh": {401, 422},  # 422: some tokens are longer than one of these can be
    "verify": {422},
    "reset": {422},
}


def test_token_is_accepted_for_its_own_purpose_only(
    anonymous: TestClient,
    alice: Account,
    capsys: pytest.CaptureFixture[str],
    subtests: pytest.Subtests,
) -> None:
    """After all misuse, each is still good for its own purpose."""

    def post(path: str, **body: object) -> Response:
        return anonymous.post(API + path, json=body, headers=alice.headers)

    def mailed(path: str, **body: str) -> str:
        post(path, **body)
        return capsys.readouterr().out.split("#token=")[1].split()[0]

    form = {"username": alice.email, "password": PASSWORD}
    log_in = anonymous.post(f"{API}/auth/token", data=form)
    tokens = {
        "access": alice.access_token,
        "refresh": log_in.json()["refresh_token"],
        "key": post("/api-keys", name="Robot", scopes=[]).json()["key"],
        "verify": mailed("/users", email="carol@example.com", password=PASSWORD),
        "reset": mailed("/users/password-reset", email=alice.email),
    }

    def use(kind: str, token: str) -> Response:
        if kind == "access":
            return ask(anonymous, f"Bearer {token}")
        if kind == "key":
            return anonymous.get(WIDGETS, headers={"X-API-Key": token})
        path, body = {
            "refresh": ("auth/refresh", {"refresh_token": token}),
            "verify": (
                "users/email-verification/confirm",
                {"token": token, "password": PASSWORD},
            ),
            "reset": (
                "users/password-reset/confirm",
                {"token": token, "password": PASSWORD},
            ),
        }[kind]
        return anonymous.post(f"{API}/{path}", json=body)

    for given, token in tokens.items():
        for kind in tokens.keys() - {given}:
            with subtests.test(given=given, used_as=kind):
                response = use(kind, token)
                assert response.status_code in REFUSALS[kind]
                assert token not in response.text
    for kind, token in tokens.items():
        with subtests.test(given=kind, used_as=kind):
            assert use(kind, token).is_success


# --- Forged tokens ------------------------------------------------------------------
def part(value: object) -> str:
    """Write a part of a token; libraries refuse to write most of these."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(raw).decode().rstrip("=")


def signed(header: object, claims: object, key: str | bytes) -> str:
    """Sign a token with HMAC-SHA256, independent of its header."""
    text = f"{part(header)}.{part(claims)}"
    secret = key.encode() if isinstance(key, str) else key
    return f"{text}.{part(hmac.digest(secret, text.encode(), 'sha256'))}"


@pytest.fixture
def forge(settings: Settings, alice: Account) -> Forge:
    """Sign a token that differs from a valid one of Alice in the given parts."""
    secret = settings.auth.signing_key.get_secret_value()
    good_header = jwt.get_unverified_header(alice.access_token)
    good_claims = {
        "iss": settings.auth.issuer,
        "aud": settings.auth.audience,
        "sub": str(alice.id),
        "sid": str(alice.session_id),
        "jti": str(uuid4()),
        "typ": "access",
        "iat": NOW,
        "exp": NOW + settings.auth.access_ttl,
    }

    def write(
        header: Mapping[str, object] = MappingProxyType({}),
        claims: Mapping[str, object] = MappingProxyType({}),
        key: str = secret,
    ) -> str:
        parts = ({**good_header, **header}, {**good_claims, **claims})
        head, body = (
            {name: value for name, value in one.items() if value is not ABSENT}
            for one in parts
        )
        return signed(head, body, key)

    return write


def test_token_forged_with_the_right_key_is_accepted(
    anonymous: TestClient, forge: Forge
) -> None:
    """Otherwise the tests below would pass for the wrong reason."""
    for scheme in ("Bearer ", "bearer ", "BEARER  "):
        assert ask(anonymous, scheme + forge()).status_code == 200


REQUIRED = ("iss", "aud", "sub", "sid", "jti", "typ", "iat", "exp")
CLAIMS: Mapping[str, Mapping[str, object]] = {
    **{f"no {name}": {name: ABSENT} for name in REQUIRED},
    **{f"{name} is null": {name: None} for name in REQUIRED},
    **{f"{name} is a list": {name: ["a"]} for name in REQUIRED},
    **{f"{name} is an object": {name: {}} for name in REQUIRED},
    **{f"{name} is a word": {name: "x"} for name in REQUIRED if name != "jti"},
    **{f"{name} is a number": {name: 1} for name in REQUIRED if name != "iat"},
    "another kind of token": {"typ": "refresh"},
    "no kind of token": {"typ": ""},
    "expired": {"iat": NOW - 900, "exp": NOW - 6},
    "not yet issued": {"iat": NOW + 3600, "exp": NOW + 4500},
    "not yet valid": {"nbf": NOW + 3600},
    "a strange start": {"nbf": "soon"},
    "lives for too long": {"exp": NOW + 901},
    "lives for too long since long ago": {"iat": NOW - 3600},
    "lives for ever": {"exp": float("inf")},
    "never dies": {"exp": float("nan")},
    "a date of 400 digits": {"exp": 10**400},
    "a date of 400 digits, and a fraction": {"iat": NOW - 0.5, "exp": 10**400},
    "a user who is not there": {"sub": str(uuid4())},
    "a session that is not there": {"sid": str(uuid4())},
    "SQL for a user": {"sub": "' OR 1=1 --"},
    "SQL for a session": {"sid": "' OR 1=1 --"},
}


def test_wrong_claims_are_401(
    anonymous: TestClient, forge: Forge, subtests: pytest.Subtests
) -> None:
    for name, claims in CLAIMS.items():
        with subtests.test(name):
            token = forge(claims=claims)
            assert_refused(ask(anonymous, f"Bearer {token}"), token)


def test_claims_of_others_are_401(
    anonymous: TestClient,
    forge: Forge,
    settings: Settings,
    admin: Account,
    subtests: pytest.Subtests,
) -> None:
    for claims in (
        {"sub": str(admin.id)},  # with the session of Alice
        {"sid": str(admin.session_id)},
        {"aud": [settings.auth.audience]},
        {"aud": [settings.auth.audience, "other"]},
        {"iss": [settings.auth.issuer]},
        {"iss": f"{settings.auth.issuer}/"},
        {"aud": settings.auth.audience.upper()},
    ):
        with subtests.test(**claims):
            token = forge(claims=claims)
            assert_refused(ask(anonymous, f"Bearer {token}"), token)


ATTACKER = "an attacker's secret of some length"
ALGORITHMS: list[object] = ["none", "None", "NONE", "", None, 1, ["HS256"], {}]
ALGORITHMS += ["hs256", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA"]
KEY_IDS: list[object] = [None, "", 1, ["a"], {}, "0" * 16, "a" * 2000, "\x00", "\ud800"]
KEY_IDS += ["../../dev/null", "' UNION SELECT 'secret", "https://attacker.example/key"]
HEADERS: Mapping[str, Mapping[str, object]] = {
    **{f"alg is {alg!r}": {"alg": alg} for alg in ALGORITHMS},
    **{f"kid is {kid!r}"[:40]: {"kid": kid} for kid in KEY_IDS},
    "no alg": {"alg": ABSENT},
    "no kid": {"kid": ABSENT},
    "something critical": {"crit": ["exp"]},
    "something critical and unknown": {"crit": ["x"], "x": 1},
    "critical is not a list": {"crit": "exp"},
    "a detached payload": {"b64": False, "crit": ["b64"]},
}
OWN_KEYS: Mapping[str, Mapping[str, object]] = {
    "signed by another": {},
    "jwk": {"jwk": {"kty": "oct", "k": part(ATTACKER.encode())}},
    "jku": {"jku": "https://attacker.example/keys"},
    "x5u": {"x5u": "https://attacker.example/certificate"},
    "x5c": {"x5c": [b64encode(ATTACKER.encode()).decode()]},
}


def test_wrong_headers_are_401(
    anonymous: TestClient, forge: Forge, subtests: pytest.Subtests
) -> None:
    for name, header in HEADERS.items():
        with subtests.test(name):
            token = forge(header)
            assert_refused(ask(anonymous, f"Bearer {token}"), token)
            unsigned = token.rpartition(".")[0] + "."
            assert_refused(ask(anonymous, f"Bearer {unsigned}"), unsigned)
    for name, header in OWN_KEYS.items():
        with subtests.test(name):
            token = forge(header, key=ATTACKER)
            assert_refused(ask(anonymous, f"Bearer {token}"), token)


def test_malformed_tokens_are_401(
    anonymous: TestClient, alice: Account, subtests: pytest.Subtests
) -> None:
    good = alice.access_token
    parts = good.split(".")
    broken: dict[str, str | bytes] = {
        "Basic": f"Basic {good}",
        "no scheme": good,
        "no token": "Bearer",
        "a blank": "Bearer ",
        "dots": "Bearer ..",
        "too short": f"Bearer {good[:-1]}",
        "half of it": f"Bearer {good[: len(good) // 2]}",
        "one more part": f"Bearer {good}.{parts[2]}",
        "twice": f"Bearer {good}, Bearer {good}",
        "as long as can be": "Bearer " + "a" * 30_000,
        "longer by far": f"Bearer {good}." + "a" * 30_000,
        "not ASCII": f"Bearer {good}é".encode(),
        "NUL": f"Bearer {good}\x00".encode(),
        "nothing but NUL": b"Bearer \x00",
        "deep": f"Bearer {part(b'[' * 3000)}.{parts[1]}.{parts[2]}",
        "deep inside": f"Bearer {part(b'[' * 2999 + b']' * 2999)}."[:4096],
        "a huge number": "Bearer " + part(b'{"kid":' + b"9" * 3000 + b"}") + ".e30.AA",
        "a list": f"Bearer {part([])}.{parts[1]}.{parts[2]}",
    }
    for index, text in enumerate(parts):
        raw = jwt.utils.base64url_decode(text)
        for change, other in {
            "no": "",
            "one bit in": part(raw[:-1] + bytes([raw[-1] ^ 1])),
            "the first bit in": part(bytes([raw[0] ^ 128]) + raw[1:]),
            "a blank in": f"{text[:5]} {text[5:]}",
        }.items():
            changed = ".".join([*parts[:index], other, *parts[index + 1 :]])
            broken[f"{change} part {index}"] = f"Bearer {changed}"
    for name, value in broken.items():
        with subtests.test(name):
            assert_refused(ask(anonymous, value), good)


# --- Other algorithms ---------------------------------------------------------------
@lru_cache
def key_pair(algorithm: str, _name: str) -> tuple[str, str]:
    """Return a key that signs and one that verifies, as settings take them."""
    if algorithm == "HS256":
        secret = token_hex(32)
        return secret, secret
    private = (
        Ed25519PrivateKey.generate()
        if algorithm == "EdDSA"
        else generate_private_key(public_exponent=65537, key_size=2048)
    )
    return (
        private.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ).decode(),
        private.public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    )


def with_keys(
    settings: Settings, algorithm: str, signing_key: str, *verification_keys: str
) -> Settings:
    changes: dict[str, Any] = {
        "algorithm": algorithm,
        "signing_key": SecretStr(signing_key),
        "verification_keys": [SecretStr(key) for key in verification_keys],
    }
    return with_auth(settings, **changes)


@pytest.mark.parametrize("algorithm", ["RS256", "EdDSA"])
def test_token_signed_with_the_public_key_is_401(
    settings: Settings, alice: Account, algorithm: str, subtests: pytest.Subtests
) -> None:
    """An attack with HS256, if the header could choose the algorithm."""
    private, public = key_pair(algorithm, "old")
    changed = with_keys(settings, algorithm, private)
    tokens = AccessTokens(changed.auth)
    good = tokens.issue(Claims(alice.id, alice.session_id))
    header = jwt.get_unverified_header(good)
    claims = jwt.utils.base64url_decode(good.split(".")[1])
    others, _ = key_pair(algorithm, "new")
    own = {"jwk": {"kty": "oct", "k": part(public.encode())}}
    forged = {
        "by another": jwt.encode(json.loads(claims), others, algorithm, header),
        "by another, who says so": jwt.encode(
            json.loads(claims), others, algorithm, header | own
        ),
    }
    for alg in ("HS256", "none", algorithm):
        for key in (public, public.strip(), public.split("-----")[2].strip(), ""):
            forged[f"{alg}, {key[:30]}"] = signed(header | {"alg": alg}, claims, key)
    with TestClient(create_app(changed)) as client:
        assert ask(client, f"Bearer {good}").status_code == 200
        for name, token in forged.items():
            with subtests.test(name):
                assert_refused(ask(client, f"Bearer {token}"), token)
        assert_refused(ask(client, f"Bearer {alice.access_token}"))


@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "EdDSA"])
def test_verification_keys_accept_tokens_of_the_old_key(
    settings: Settings, alice: Account, algorithm: str
) -> None:
    (old, old_public), (new, _) = (key_pair(algorithm, name) for name in ("old", "new"))
    claims = Claims(alice.id, alice.session_id)
    before, during, after = (
        with_keys(settings, algorithm, *keys)
        for keys in ((old,), (new, old_public), (new,))
    )
    token = AccessTokens(before.auth).issue(claims)
    fresh = AccessTokens(during.auth).issue(claims)
    old_id, new_id = (jwt.get_unverified_header(one)["kid"] for one in (token, fresh))
    assert old_id == before.auth.key_ring().signing_key_id
    assert new_id == after.auth.key_ring().signing_key_id != old_id
    known = ((before, {token}), (during, {token, fresh}), (after, {fresh}))
    for changed, good in known:
        with TestClient(create_app(changed)) as client:
            for one in (token, fresh):
                response = ask(client, f"Bearer {one}")
                assert response.status_code == (200 if one in good else 401)
