"""Lenient scalars: what TwentyThree means by its many spellings of one value.

The two generations of the API spell booleans, numbers and times differently, and the realtime
payloads are not documented at all. So nothing here raises: what cannot be read is ``None``
(``""`` for a text), and the model that uses the type decides what that means.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator

MAX_ID = 2**63 - 1
MAX_TEXT = 65_536

_TRUE = frozenset({"1", "t", "true", "y", "yes", "on"})
_FALSE = frozenset({"0", "f", "false", "n", "no", "off"})
# ASCII on purpose: int() and float() would also take other scripts' digits and underscores.
_NUMBER = re.compile(r"[+-]?[0-9]{1,25}(?:\.[0-9]{0,25})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_WHOLE = re.compile(r"([+-]?[0-9]{1,19})(?:\.0{0,25})?", re.ASCII)
_MAX_SPELLING = 64
_MAX_EXACT_FLOAT = 2.0**53
_END_OF_TIME_S = 253_402_300_800  # the year 10000; datetime ends there


def flag(value: object) -> bool | None:
    """Read a boolean: true/false, 1/0, ``"1"``/``"0"``, ``"t"``/``"f"``; else ``None``."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value) if value in (0, 1) else None
    word = _spelling(value)
    if word is None:
        return None
    word = word.casefold()
    return True if word in _TRUE else False if word in _FALSE else None


def number(value: object) -> float | None:
    """Read a finite number from a number or a decimal spelling; a boolean is none."""
    if isinstance(value, bool):
        return None
    if not isinstance(value, int | float):
        word = _spelling(value)
        if word is None or _NUMBER.fullmatch(word) is None:
            return None
        value = word
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def whole(value: object) -> int | None:
    """Read a whole number of at most 64 bits, exactly; a boolean is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        is_exact = value.is_integer() and abs(value) <= _MAX_EXACT_FLOAT
        return int(value) if is_exact else None
    if not isinstance(value, int):
        match = _WHOLE.fullmatch(_spelling(value) or "")
        if match is None:
            return None
        value = int(match[1])
    return value if -MAX_ID <= value <= MAX_ID else None


def identity(value: object) -> int | None:
    """Read an ID: a whole number from 1 to 2^63 - 1."""
    found = whole(value)
    return found if found is not None and found > 0 else None


def moment(value: object) -> datetime | None:
    """Read a point in time, as UTC: epoch seconds, or a date and time that names its offset.

    A time without an offset is ``None``: the API does not tell the zone of its ``_ansi`` times.
    Zero and negative epochs stand for "never".
    """
    seconds = number(value)
    if seconds is not None:
        return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _END_OF_TIME_S else None
    word = _spelling(value)
    if word is None:
        return None
    try:
        found = datetime.fromisoformat(word)
        return None if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def text(value: object) -> str:
    """Read a text; a number is spelled out, anything else is ``""``.

    Hostile characters are kept, they are the display's concern. Only what no database or
    encoder takes is replaced (NUL, lone surrogates), and the length is bounded.
    """
    if isinstance(value, str):
        return storable(value[:MAX_TEXT])
    if isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return str(value) if -MAX_ID <= value <= MAX_ID else ""
    return repr(value) if isinstance(value, float) and math.isfinite(value) else ""


def storable(value: str) -> str:
    """Return the text with U+FFFD in place of NUL and lone surrogates."""
    value = value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    try:
        value.encode()
    except UnicodeEncodeError:
        # Joins the halves of a pair where both are there.
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return value


def _spelling(value: object) -> str | None:
    """Return the stripped text, or ``None`` where it is none or too long for a scalar."""
    if not isinstance(value, str) or len(value) > _MAX_SPELLING:
        return None
    return value.strip()


Flag = Annotated[bool | None, BeforeValidator(flag)]
"""A boolean in any of TwentyThree's spellings; ``None``: absent or unreadable."""

Number = Annotated[float | None, BeforeValidator(number)]
"""A finite number, or its spelling; ``None``: absent or unreadable."""

Whole = Annotated[int | None, BeforeValidator(whole)]
"""A whole number of at most 64 bits; ``None``: absent or unreadable."""

Identity = Annotated[int | None, BeforeValidator(identity)]
"""An ID, 1 to 2^63 - 1; ``None``: absent or unreadable."""

Epoch = Annotated[datetime | None, BeforeValidator(moment)]
"""A point in time in UTC; ``None``: absent, unreadable, or of an unknown zone."""

Text = Annotated[str, BeforeValidator(text)]
"""A text of at most ``MAX_TEXT`` characters; ``""``: absent or no text."""
