"""Which comments a room leaves out: by their kind, their length, and the words and names in them.

Words are compared as wholes, without regard to case and accents. There are no patterns in it, so
that nobody can write one that is slow, or that hides more than they meant.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import regex

from .room_settings import RoomSettings

# Scripts that put no spaces between words: there, a word is found wherever it stands.
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_WORD = re.compile(r"\w+")
_MARKS = frozenset({"Mn", "Me", "Cf"})
# Nobody reads on after so much; nor is it looked at.
_MAX_READ = 4_000


def hides(settings: RoomSettings, *, kind: str, is_promoted: bool, author: str, text: str) -> bool:
    """Tell whether a room leaves a comment out.

    What staff promoted is never too short.
    """
    if kind not in settings.kinds:
        return True
    if not is_promoted and len(text.strip()) < settings.min_length:
        return True
    return bool(settings.hidden) and _holds(settings.hidden, f"{author}\n{text}")


def words_of(typed: str) -> tuple[str, ...]:
    """Return the words and names of a list that somebody typed, with commas between; each once."""
    found = (" ".join(one.split()) for one in re.split(r"[,\n;]", typed))
    by_folded = {folded(one): one for one in found if folded(one)}
    return tuple(by_folded.values())


def folded(text: str) -> str:
    """Return the words of a text as they are compared, with one space between.

    What shows as nothing is left out, so that it cannot stand inside a word.
    """
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(one for one in apart if unicodedata.category(one) not in _MARKS)
    return " ".join(_WORD.findall(plain.casefold()))


def _holds(hidden: tuple[str, ...], text: str) -> bool:
    wholes, parts = _folded_all(hidden)
    found = folded(text[:_MAX_READ])
    padded = f" {found} "
    return any(one in padded for one in wholes) or any(one in found for one in parts)


@lru_cache(256)
def _folded_all(hidden: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words to be found as wholes, a space at each end, and those found anywhere."""
    every = [one for one in map(folded, hidden) if one]
    wholes = tuple(f" {one} " for one in every if not _UNSPACED.search(one))
    return wholes, tuple(one for one in every if _UNSPACED.search(one))
