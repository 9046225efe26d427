"""The shape of a payload: keys and types, never a value. For logs and ``/video diagnose``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import islice

MAX_JSON = 1_048_576
MAX_SHAPE = 800

_MAX_DEPTH = 5
_MAX_KEYS = 60
_MAX_ITEMS = 20
# A key may be data too: an ID, an address, a channel. Only what looks like a name is shown.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,31}", re.ASCII)
_HEX = re.compile(r"[0-9a-fA-F]{8,}", re.ASCII)


def shape(data: object, limit: int = MAX_SHAPE) -> str:
    """Describe a payload as ``{comment_id:int,name:str,tags:[str]}``; bounded, never raises.

    Keys that do not look like names become ``?``. A string that holds JSON is described as
    ``json(...)``. What lies deeper than five levels, or past ``limit`` characters, is ``…``.
    """
    found = _shape(data, _MAX_DEPTH)
    return found if len(found) <= limit else found[: limit - 1] + "…"


def json_in(value: str) -> object:
    """Parse the JSON object or array in a string; ``None`` where there is none, or too much."""
    if len(value) > MAX_JSON or value.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


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
