"""A blocklist of common and contextual passwords (NIST SP 800-63B, section 3.1.1.2).

It only needs to stop guesses within the limits of attempts, so a few hundred passwords
suffice. Estimators such as zxcvbn know more, but take seconds for some passwords.
"""

import re
from pathlib import Path

# Common passwords in the lists of zxcvbn (Copyright (c) 2016 Daniel Wolf) and Django:
# the most common words, and those of 12 characters or more. Add your own.
LIST = Path(__file__).with_name("common_passwords.txt")
WORDS = (
    *("password", "passwort", "motdepasse", "contraseña", "senha", "parola", "login"),
    *("company", "service", "temporary", "test", "user", "guest", "root", "hello"),
    *("admin", "changeme", "default", "letmein", "secret", "welcome", "iloveyou"),
    *("spring", "summer", "autumn", "winter", "monday", "friday", "sunday"),
    *("january", "february", "march", "april", "june", "july", "august"),
    *("september", "october", "november", "december"),
    *("2000", "202", "201", "199", "198"),
)
# From the longest to the shortest, as a password may contain another one.
COMMON = sorted({*LIST.read_text().split(), *WORDS}, key=len, reverse=True)
ROWS = (
    *("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop"),
    *("azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "qazwsxedcrfvtgbyhnujm"),
    *("1qaz2wsx3edc4rfv5tgb6yhn7ujm", "1q2w3e4r5t6y7u8i9o0p", "1a2s3d4f5g6h7j8k"),
)
RUN = 3  # adjacent keys or letters, forwards or backwards
RUNS = {
    way[start : start + RUN]
    for row in ROWS
    for way in (row, row[::-1])
    for start in range(len(row) - RUN + 1)
}
LEET = str.maketrans("@4310$5!7", "aaeiossit")
SHIFTED = str.maketrans("!@#$%^&*()", "1234567890")  # on a keyboard of the USA
FEWEST_CHARACTERS = 6  # distinct, left of a password without what is easy to guess
SHORTEST_WORD = 3  # characters; shorter ones of the context are ignored


def is_guessable(text: str, *context: str | None) -> bool:
    """Tell whether a password is easy to guess.

    Common passwords, words of the ``context``, runs of a keyboard or an alphabet, and
    repetition do not count, also with digits for letters: enough must remain.
    """
    known = " ".join(filter(None, context)).casefold()
    parts = {*re.split(r"[\W_]+", known), *known.split()}
    words = [part for part in parts if len(part) >= SHORTEST_WORD]
    words = [*sorted(words, key=len, reverse=True), *COMMON]
    folded = text.casefold()
    spellings = (folded, folded.translate(LEET), folded.translate(SHIFTED))
    return any(_count(one, words) < FEWEST_CHARACTERS for one in spellings)


def _count(rest: str, words: list[str]) -> int:
    """Count the distinct characters that remain without words and runs."""
    for word in words:
        rest = rest.replace(word, "")
    padded = " " * (RUN - 1) + rest
    ends = enumerate(rest)
    return len({last for at, last in ends if padded[at : at + RUN] not in RUNS})
