"""A check that a secret is random."""

import re
from itertools import pairwise

# A key for HMAC; 32 random hexadecimal digits have some 27 such characters.
FEWEST_UNPREDICTABLE = 14

# Words of examples, and the key of a tutorial.
_MADE_UP = re.compile(
    r"(?i)change|please|before|production|development|secret|super|example|default"
    r"|pass(?:word|phrase)|sign|toke|insecure|your|this|with|random|value|string|test"
    r"|admi|letmein|welcome|replace|generate|openssl|here|must|should|strong|long"
    r"|qwert|yuiop|asdf|ghjkl|zxcv|1q2w3e4r"
    r"|09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7"
)
_WORD = re.compile(r"[A-Z]?[a-z]{4,}|[A-Z]{4,}")
_NO_WORD = re.compile(r"(?i)[^aeiouy\W\d_]{4}")  # consonants in a row


def looks_random(text: str) -> bool:
    """Tell whether a secret has enough unpredictable characters.

    Predictable are a repeated pair, a repeated step (``abc``, ``111``), and two of
    three letters of a word. A random key that was published is not detected.
    """
    text = _WORD.sub(_shorten, _MADE_UP.sub(" ", text))
    seen: set[str] = set()
    count = last = 0
    for pair in map("".join, pairwise(text)):
        step = ord(pair[1]) - ord(pair[0])
        if step not in {0, last} and pair not in seen and pair[1].isalnum():
            count += 1
        seen.add(pair)
        last = step
    return count >= FEWEST_UNPREDICTABLE


def _shorten(word: re.Match[str]) -> str:
    text = word[0]
    return text if _NO_WORD.search(text) else text[: (len(text) + 2) // 3]
