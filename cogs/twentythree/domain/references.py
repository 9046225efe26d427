"""What people paste for an object: its ID, or a link to it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

from .fields import identity
from .model import ObjectId

_LONGEST_LINK = 2_000
_MOST_READ = _LONGEST_LINK + 100
_DIGITS = re.compile(r"[0-9]{1,19}", re.ASCII)
_LINK = re.compile(r"(?:https?:)?//|[\w-]+(?:\.[\w-]+)+(?::[0-9]+)?/|/", re.IGNORECASE)
_QUERY_KEYS = ("photo_id", "live_id", "object_id")
# https://<workspace>/video/<id>/<title>, /live/<id>, /secret/<id>/<token>
_BEFORE_ID = frozenset({"live", "photo", "secret", "video"})
# What a chat, a document or a spreadsheet puts before or around a thing that is copied from it.
_LABEL = re.compile(r"^(?:id\s*[:=]|id\s+(?=[0-9]+$)|#)\s*", re.IGNORECASE)
_MARKS = "\"'`*_|<>"
_BRACKETS = frozenset({"Pi", "Pf", "Ps", "Pe"})
_SENTENCE = ".,;:!? "


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An object's ID as somebody gave it.

    ``object_id`` is ``None`` where a link names none. ``host`` is the site of a link, in lower
    case and with its port if it has one; ``None`` where only the ID was given, or a path.
    """

    object_id: ObjectId | None
    host: str | None = None


def bare(text: str) -> str:
    """Return a pasted text without what pasting adds: invisible marks, quotes, labels."""
    # Cut first, for Discord lets programs type more than people; one look-alike may become many.
    plain = unicodedata.normalize("NFKC", text[:_MOST_READ])[:_MOST_READ]
    visible = "".join(
        " " if unicodedata.category(character) == "Cc" else character
        for character in plain
        if unicodedata.category(character) != "Cf"
    )
    found = " ".join(visible.split())
    while (less := _unwrapped(_LABEL.sub("", found))) != found:
        found = less
    return found


def _unwrapped(text: str) -> str:
    """Take one pair of quotes or brackets off, unless there are more of them inside."""
    if len(text) < 2 or not (_is_mark(text[0]) and _is_mark(text[-1])):  # noqa: PLR2004 - a pair
        return text
    inner = text[1:-1].strip()
    return text if {text[0], text[-1]} & set(inner.strip(_MARKS)) else inner


def _is_mark(character: str) -> bool:
    return character in _MARKS or unicodedata.category(character) in _BRACKETS


def _only_word(text: str) -> str:
    """Take off all that stands around an ID or a link in a sentence."""
    start, end = 0, len(text)
    while start < end and (_is_mark(text[start]) or text[start] in _SENTENCE):
        start += 1
    while end > start and (_is_mark(text[end - 1]) or text[end - 1] in _SENTENCE):
        end -= 1
    return text[start:end]


def reference_in(text: str) -> Reference | None:
    """Return what a text that is an ID or a link means; ``None``: it is neither.

    Of a link counts, in this order: ``photo_id``, ``live_id`` or ``object_id`` in its query, the
    segment after ``video``, ``live``, ``secret`` or ``photo``, the last segment that is a number.
    A text that is no link is an ID or nothing: titles hold numbers and slashes too.
    """
    pasted = _only_word(bare(text))
    if _DIGITS.fullmatch(pasted) is not None:
        object_id = _id_of(pasted)
        return None if object_id is None else Reference(object_id=object_id)
    if len(pasted) > _LONGEST_LINK or _LINK.match(pasted) is None or " " in pasted:
        return None
    try:
        parts = urlsplit(pasted if "//" in pasted or pasted[0] == "/" else f"//{pasted}")
        query = parse_qs(parts.query)
        host = _host_of(parts.hostname, parts.port)
    except ValueError:
        return None
    asked = [query[key][0] for key in _QUERY_KEYS if key in query]
    segments = [segment for segment in parts.path.split("/") if segment]
    named = [after for before, after in pairwise(segments) if before.casefold() in _BEFORE_ID]
    candidates = map(_id_of, (*asked, *named, *reversed(segments)))
    object_id = next((found for found in candidates if found is not None), None)
    return Reference(object_id=object_id, host=host)


def host_of(url: str) -> str | None:
    """Return the host of an address as a :class:`Reference` has it."""
    try:
        parts = urlsplit(url)
        return _host_of(parts.hostname, parts.port)
    except ValueError:
        return None


def _host_of(name: str | None, port: int | None) -> str | None:
    if not name:
        return None
    return name if port in {None, 80, 443} else f"{name}:{port}"


def _id_of(text: str) -> ObjectId | None:
    found = identity(text) if _DIGITS.fullmatch(text) is not None else None
    return None if found is None else ObjectId(found)
