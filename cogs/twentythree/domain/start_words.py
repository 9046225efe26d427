"""Words of one's own for a live start: a text with a few places in it, and nothing else.

A place stands at most once, so that the whole keeps within a message whatever is put there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

PLACES = ("title", "start", "url", "speakers")
MAX_TEXT = 500
_PLACE = re.compile(r"\{([^{}]*)\}")


def wrong_in(text: str) -> str:
    """Return in a sentence what is wrong with a text; ``""``: nothing."""
    if not text.strip():
        return "There is no text in it."
    if len(text) > MAX_TEXT:
        return f"It has at most {MAX_TEXT} characters, and these are {len(text)}."
    named = _PLACE.findall(text)
    known = ", ".join(f"{{{one}}}" for one in PLACES)
    if any(one not in PLACES for one in named) or set(_PLACE.sub("", text)) & set("{}"):
        return f"Braces stand around a place only: {known}."
    if len(named) > len(set(named)):
        return f"Each of {known} may stand in it once."
    return ""


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a text with values, ready to be shown, in its places; what is missing is left out."""
    return _PLACE.sub(lambda found: values.get(found[1], ""), text).strip()
