"""What people paste for an object: its ID, or a link to it."""

from __future__ import annotations

import re
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

from .model import ObjectId
from .scalars import identity

_LONGEST_LINK = 2_000
_DIGITS = re.compile(r"[0-9]{1,19}", re.ASCII)
_LINK = re.compile(r"(?:https?:)?//|[\w-]+(?:\.[\w-]+)+(?::[0-9]+)?/|/", re.IGNORECASE)
_QUERY_KEYS = ("photo_id", "live_id", "object_id")
# https://<workspace>/video/<id>/<title>, /live/<id>, /secret/<id>/<token>
_BEFORE_ID = frozenset({"live", "photo", "secret", "video"})


def object_id_in(text: str) -> ObjectId | None:
    """Return the object's ID that a text is, or links to; ``None`` where there is none.

    Of a link counts, in this order: ``photo_id``, ``live_id`` or ``object_id`` in its query, the
    segment after ``video``, ``live``, ``secret`` or ``photo``, the last segment that is a number.
    A text that is no link is an ID or nothing: titles hold numbers and slashes too.
    """
    pasted = text.strip().strip("<>").strip()
    if _DIGITS.fullmatch(pasted) is not None:
        return _id_of(pasted)
    if len(pasted) > _LONGEST_LINK or _LINK.match(pasted) is None or " " in pasted:
        return None
    try:
        parts = urlsplit(pasted)
        query = parse_qs(parts.query)
    except ValueError:
        return None
    asked = [query[key][0] for key in _QUERY_KEYS if key in query]
    segments = [segment for segment in parts.path.split("/") if segment]
    named = [after for before, after in pairwise(segments) if before.casefold() in _BEFORE_ID]
    candidates = map(_id_of, (*asked, *named, *reversed(segments)))
    return next((found for found in candidates if found is not None), None)


def _id_of(text: str) -> ObjectId | None:
    found = identity(text) if _DIGITS.fullmatch(text) is not None else None
    return None if found is None else ObjectId(found)
