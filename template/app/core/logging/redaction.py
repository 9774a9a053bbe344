"""Redaction of secrets and personal data in logs, by name and by pattern."""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from itertools import islice
from math import isfinite

REDACTED = "[redacted]"
MAX_TEXT = 16_000  # characters
MAX_INTEGER = 2**63
MAX_ITEMS = 100
MAX_DEPTH = 5

# What the names of secrets and of personal data have in them …
_NAMES = (
    r"passw|passphrase|passport|pwd|secret|toke|authori[sz]ation|cookie|credential"
    r"|signature|(?:api|access|encryption|hmac|host|master|private|shared|signing|ssh)"
    r"[_-]?key|(?:backup|mfa|otp|recovery|security|verification)[_-]?code"
    r"|connection[_-]?string|session[_-]?id|e[_-]?mail|phone|iban|birth[_-]?da"
    r"|credit[_-]?card|card[_-]?num"
)
# … and what they end with, as a word of its own: neither "compass" nor "pass_rate".
_LAST_WORDS = (
    r"(?<![a-z])(?:pass|pw|pin|t?otp|cv[cv]2?|ssn|jw[st]|o?auth2?|dsn"
    r"|webhook(?:[_-]?url)?)"
)
_SECRET_NAME = re.compile(f"{_NAMES}|{_LAST_WORDS}$", re.IGNORECASE)
_CAMEL_CASE = re.compile("(?<=[a-z])(?=[A-Z])")
_NAME = f"(?:(?:{_NAMES})" + r"[\w-]{0,32}" + f"|{_LAST_WORDS})"
_VALUE = r"""(?:\\?"[^"]*"|\\?'[^']*'|[^\s&;,)}\]]+)"""

# Fast check: a text without any of these needs no pattern …
_HINT = re.compile(
    "[@='\":JK$]|earer |asic |--|gh[a-z]_|k_(?:live|test)_|sk-|xox|AIza|glpat|SG[.]"
    "|npm_|pypi-"
)
# … and a pattern only runs on texts with its marker. Group 1 is kept. Patterns have
# bounded lookahead, so no input takes long.
_SHAPES = [
    (text, re.compile(pattern, re.DOTALL))
    for text, pattern in (
        ("KEY", "()-----BEGIN [A-Z ]{0,20}KEY.*?(?:END [A-Z ]{0,20}KEY-----|$)"),
        ("DETAIL:", r"(DETAIL: +)[^\r\n]+"),  # where PostgreSQL shows rows
        ("input_value=", "(input_value=).{0,200}?(?=, input_type=)"),
        ("'input': ", r"('input': )[^\r\n]+"),
        ("://", r"(://)[^\s/@:]*(?::(?:\S{0,99}|[^\s/@]*))?(?=@)"),
        ("=", rf"(?i)({_NAME}=){_VALUE}"),
        ("'", rf"(?i)({_NAME}'[:,] ?b?){_VALUE}"),
        ('"', rf'(?i)({_NAME}\\?"[:,] ?){_VALUE}'),
        (": ", rf"(?i)((?:passw(?:or)?ds?|passphrase|secret): ){_VALUE}"),
        (": ", r"(?i)((?:authorization|cookie|[_-]key): )[^\r\n]+"),
        ("--", rf"(?i)(--(?:\w+-)*{_NAME} ){_VALUE}"),
        ("earer ", r"(?i)(bearer )[\w.~+/=-]{6,}"),
        ("asic ", r"(?i:(basic ))(?=[\w+/]*(?:[a-z][A-Z0-9]|=))[\w+/]{6,}={0,2}"),
        ("$", r"()\$\w{1,10}\$[\w=,./+$-]{20,}"),  # a hash, as crypt(5) writes them
        # Tokens of code hosts, Amazon, Stripe, Slack, Google and others.
        ("xox", r"()\bxox[a-z]-[\w-]{8,}"),
        ("AIza", r"()\bAIza[\w-]{30,}"),
        ("glpat", r"()\bglpat-[\w-]{16,}"),
        ("sk-", r"()\bsk-[\w-]{20,}"),
        ("SG.", r"()\bSG\.[\w-]{16,}\.[\w-]{16,}"),
        ("npm_", r"()\bnpm_\w{30,}"),
        ("pypi-", r"()\bpypi-\w[\w-]{30,}"),
        ("gh", r"()\bgh[a-z]_\w{20,}"),
        ("AKIA", r"()\bAKIA\w{12,}"),
        ("k_", r"()\b[rs]k_(?:live|test)_\w{8,}"),
        ("eyJ", r"()(?<![\w-])eyJ[\w-]{10,}(?:\.[\w-]*){0,2}"),
        ("@", r"()(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,}"),
    )
]
# secrets.token_urlsafe() for 256 bits, with or without a prefix.
_RANDOM = re.compile(
    r"(?<![\w-])(?:[a-z]{2,4}_)?(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{43}(?![\w-])"
)
_RANDOM_LENGTH = 43


def redact(text: str) -> str:
    """Redact everything in a text that looks like a secret; truncate long texts."""
    if len(text) > MAX_TEXT:
        text = f"{text[: MAX_TEXT // 2]} … {text[-MAX_TEXT // 2 :]}"
    if len(text) >= _RANDOM_LENGTH:
        text = _RANDOM.sub(REDACTED, text)
    if _HINT.search(text):
        for part, shape in _SHAPES:
            if part in text:
                text = shape.sub(rf"\1{REDACTED}", text)
    return text


def plain(value: object, name: str = "", depth: int = 0) -> object:
    """Return a value for the log: redacted, and with JSON types only."""
    if _is_secret(name):
        return REDACTED
    if value is None or _is_number(value):
        return value
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return _plain_items(value, depth)
    return redact(safe_str(value))


def _plain_items(container: Collection[object], depth: int) -> object:
    if depth == MAX_DEPTH:  # as text, names would be hidden from redaction
        return f"<{type(container).__name__}>"
    if isinstance(container, Mapping):
        items = islice(container.items(), MAX_ITEMS)
        named = ((safe_str(key), item) for key, item in items)
        return {redact(key): plain(item, key, depth + 1) for key, item in named}
    return [plain(item, "", depth + 1) for item in islice(container, MAX_ITEMS)]


def safe_str(value: object) -> str:
    """Return a value as text, or its type if that fails."""
    try:
        return str(value)
    except Exception:  # noqa: BLE001
        return f"<{type(value).__name__}>"


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return _SECRET_NAME.search(_CAMEL_CASE.sub("_", name)) is not None


def _is_number(value: object) -> bool:
    if isinstance(value, float):
        return isfinite(value)
    return isinstance(value, int) and abs(value) < MAX_INTEGER
