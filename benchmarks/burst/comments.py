"""The comments of the burst: the same ones for the same seed."""

from __future__ import annotations

import math
import random
import string

MEDIAN = 60
SPREAD = 0.7
LONGEST = 500

_NAMES = ("Ada", "Björn", "Chiara", "Đorđe", "Emmanuelle", "Fatima", "Guest", "Hyun-woo", "Íñigo")


def comments(count: int, seed: int) -> list[tuple[str, str]]:
    """Return names and texts. Lengths are log-normal: median 60 characters, sigma 0.7, to 500."""
    chance = random.Random(seed)  # noqa: S311 - play, not security
    return [(chance.choice(_NAMES), _text(chance)) for _ in range(count)]


def _text(chance: random.Random) -> str:
    length = round(chance.lognormvariate(math.log(MEDIAN), SPREAD))
    length = max(1, min(LONGEST, length))
    words: list[str] = []
    while sum(map(len, words)) + len(words) <= length:
        word = "".join(chance.choices(string.ascii_lowercase, k=chance.randint(1, 9)))
        words.append(word)
    text = " ".join(words)[:length]
    return f"{text[:-1]}x" if text.endswith(" ") else text
