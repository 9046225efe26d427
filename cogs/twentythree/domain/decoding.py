"""Realtime payloads: the comments in them, and what they look like.

No document shows what the realtime channels carry, so a payload is either *whole* (all that a
comment needs is there, and nothing speaks against it) and used at once, or a hint: a reason to
read the object over REST, which is the truth. A doubt always makes a hint, never a comment.

For logs and ``/video diagnose`` a payload has a shape: its keys and types, never a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from .fields import flag, identity, marks_in, whole_comment_from_row
from .markup import MAX_MARKS
from .model import Comment, CommentId, ObjectId

MAX_JSON = 1_048_576
MAX_SHAPE = 800

_MAX_DEPTH = 8
_MAX_NODES = 2_000
_WRAPPERS = ("comment", "comments", "data")
# A row or its wrapper may say what happened. Only these words let a comment be used at once:
# a deletion may well carry the whole comment, too.
_DISCRIMINATORS = ("action", "event", "event_type", "method", "operation", "status", "type", "verb")
_HARMLESS = frozenset(
    {
        "add",
        "added",
        "approved",
        "chat",
        "comment",
        "comments",
        "create",
        "created",
        "edit",
        "edited",
        "insert",
        "inserted",
        "new",
        "ok",
        "post",
        "posted",
        "promote",
        "promoted",
        "publish",
        "published",
        "question",
        "update",
        "updated",
    }
)
# What a row says of a question; of a whole message they would not say what became of it.
_STATUSES = frozenset({"answered", "dismissed"})
_DOUBTS = ("deleted", "deleted_p", "hidden_p", "spam_p")
# More comments than one message would ever speak of.
_MAX_NAMED = 100
_WORD = re.compile(r"[^\W_]+")

_SHAPE_DEPTH = 5
_MAX_KEYS = 60
_MAX_ITEMS = 20
# A key may be data too: an ID, an address, a channel. Only what looks like a name is shown.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,31}", re.ASCII)
_HEX = re.compile(r"[0-9a-fA-F]{8,}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """What a realtime message gave.

    ``comments`` are whole. ``is_hint``: there was something else, so the object must be read.
    ``named`` are the comments that the rest speaks of: one may have been deleted.
    """

    comments: tuple[Comment, ...] = ()
    is_hint: bool = False
    named: frozenset[CommentId] = frozenset()


def decode_comments(data: object, object_id: ObjectId) -> Decoded:
    """Decode the ``data`` of a message on a comments channel of an object; never raises.

    Takes an object, a list, a wrapper (``comment``, ``comments``, ``data``), JSON in a string,
    and these nested in each other, within bounds. Whole is what has a ``comment_id``, a known
    ``comment_type``, a readable ``promoted_p``, a text, and no ``object_id`` but ours.
    """
    found: list[Comment] = []
    named: set[CommentId] = set()
    is_hint = False
    left = MAX_MARKS
    waiting: list[tuple[object, int]] = [(data, 0)]
    for _ in range(_MAX_NODES):
        if not waiting:
            break
        node, depth = waiting.pop()
        left -= marks_in(node) if isinstance(node, Mapping) else 0
        comment = _whole(node, object_id) if left >= 0 else None
        if comment is not None:
            found.append(comment)
            continue
        inner = _inner(node) if depth < _MAX_DEPTH else []
        if not inner:
            is_hint = True
            named |= _named(node)
        waiting.extend((child, depth + 1) for child in reversed(inner))
    return Decoded(
        comments=tuple(found),
        is_hint=is_hint or bool(waiting),
        named=frozenset(islice(named, _MAX_NAMED)),
    )


def _named(node: object) -> set[CommentId]:
    """Return the comments that a hint speaks of, as far as it says so where one looks first."""
    if not isinstance(node, Mapping):
        return set()
    inner = [node, *(node[key] for key in _WRAPPERS if key in node)]
    rows = [row for one in inner for row in (one if isinstance(one, list) else [one])]
    told = [row.get("comment_id") for row in rows[:_MAX_NAMED] if isinstance(row, Mapping)]
    return {CommentId(number) for number in map(identity, told) if number is not None}


def _inner(node: object) -> list[object]:
    """Return what may hold comments inside a node; nothing: the node is a hint."""
    match node:
        case str():
            parsed = json_in(node)
            return [] if parsed is None else [parsed]
        case list():
            return node[:_MAX_NODES]
        case Mapping() if _is_harmless(node):
            return [node[key] for key in _WRAPPERS if key in node]
        case _:
            return []


def _whole(node: object, object_id: ObjectId) -> Comment | None:
    """Return the comment that a node is, or ``None`` where anything is missing or in doubt."""
    if not isinstance(node, Mapping) or not _is_harmless(node):
        return None
    return whole_comment_from_row(node, object_id)


def _is_harmless(node: Mapping[Any, Any]) -> bool:
    """Tell whether nothing in a row or wrapper speaks of anything but a comment being there."""
    if any(node.get(key) and flag(node[key]) is not False for key in _DOUBTS):
        return False
    if flag(node.get("approved_p")) is False:
        return False
    told = ((key, node.get(key)) for key in _DISCRIMINATORS)
    return all(_is_harmless_word(key, word) for key, word in told if word is not None)


def _is_harmless_word(key: str, told: object) -> bool:
    if not isinstance(told, str):
        return False
    words = told[:100].casefold()
    is_status = key == "status" and words in _STATUSES
    return is_status or _HARMLESS.issuperset(_WORD.findall(words))


# Shapes.


def shape(data: object, limit: int = MAX_SHAPE) -> str:
    """Describe a payload as ``{comment_id:int,name:str,tags:[str]}``; bounded, never raises.

    Keys that do not look like names become ``?``. A string that holds JSON is described as
    ``json(...)``. What lies deeper than five levels, or past ``limit`` characters, is ``…``.
    """
    found = _shape(data, _SHAPE_DEPTH)
    return found if len(found) <= limit else found[: limit - 1] + "…"


def _shape(data: object, depth: int) -> str:
    match data:
        case None:
            return "null"
        case bool() | int() | float():
            return type(data).__name__
        case str():
            inner = json_in(data)
            return "str" if inner is None else f"json({_deeper(inner, depth)})"
        case Mapping():
            pairs = {
                f"{_name(key)}:{_deeper(value, depth)}"
                for key, value in islice(data.items(), _MAX_KEYS)
            }
            more = ",…" if len(data) > _MAX_KEYS else ""
            return "{" + ",".join(sorted(pairs)) + more + "}"
        case list() | tuple():
            kinds = {_deeper(item, depth) for item in data[:_MAX_ITEMS]}
            return f"[{'|'.join(sorted(kinds))}]"
        case _:
            return "?"


def _deeper(data: object, depth: int) -> str:
    is_leaf = not isinstance(data, str | Mapping | list | tuple)
    return _shape(data, depth - 1) if depth > 1 or is_leaf else "…"


def _name(key: object) -> str:
    is_name = isinstance(key, str) and _NAME.fullmatch(key) and not _HEX.search(key)
    return str(key) if is_name else "?"


# JSON in a string, for both.


def json_in(value: str) -> object:
    """Parse the JSON object or array in a string; ``None`` where there is none, or too much."""
    if len(value) > MAX_JSON or value.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None
