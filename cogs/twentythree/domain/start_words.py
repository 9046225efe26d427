"""Words of one's own for a live start: a text with a few places in it, and nothing else.

A place stands at most once, so that the whole keeps within a message whatever is put there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..languages import kept

PLACES = ("title", "start", "url", "speakers")
MAX_TEXT = 500
_PLACE = re.compile(r"\{([^{}]*)\}")


def wrong_in(text: str) -> str:
    """Return in a sentence what is wrong with a text; ``""``: nothing."""
    if not text.strip():
        return kept("There is no text in it.")
    if len(text) > MAX_TEXT:
        return kept("It has at most {most} characters, and these are {count}.").format(
            most=MAX_TEXT, count=len(text)
        )
    named = _PLACE.findall(text)
    known = ", ".join(f"{{{one}}}" for one in PLACES)
    if any(one not in PLACES for one in named) or set(_PLACE.sub("", text)) & set("{}"):
        return kept("Braces stand around a place only: {known}.").format(known=known)
    if len(named) > len(set(named)):
        return kept("Each of {known} may stand in it once.").format(known=known)
    return ""


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with values, ready to be shown, in its places; what is missing is left out."""
    return _PLACE.sub(lambda found: values.get(found[1], ""), text).strip()
