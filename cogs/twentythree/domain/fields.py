"""Fields of TwentyThree's answers and messages, and from a row of comments to :class:`Comment`.

The two generations of the API spell booleans, numbers and times differently, and the realtime
payloads are not documented at all. So what reads one field never raises: what cannot be read is
``None`` (``""`` for a text), and whoever uses it decides what that means.

The e-mail of a row is not read at all, and a name that looks like one is not used.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from .markup import marks, plain
from .model import Comment, CommentId, CommentKind, CommentStatus, ObjectId, Quote

MAX_COMMENT = 16_000
MAX_NAME = 200
MAX_QUOTE = 500
# Of a picture; longer ones are not used.
MAX_ADDRESS = 500
GUEST = "Guest"

_MAX_WHEN = 40
# How far a name is looked at: an address that begins where it is cut is seen as well.
_READ_NAME = 2 * MAX_NAME
_MAX_POSITION_S = 1e9
_ADDRESS = re.compile(r"\S@\S|@\s*[\w-]+\.[\w-]")
_VIDEO_TYPES = frozenset({"photo", "video"})
_NAMES = ("name", "first_name", "full_name", "truncated_name")
_TEXTS = ("content_text", "content")
# What may tell of the comment that is answered: no document names what a row calls it. Asked for is
# `include_reply_to_comments_p`, and what sets it is `reply_to_comment_id`.
_ANSWERED = ("reply_to_comment", "reply_to_comments", "reply_to")
_MOST_ANSWERED = 5
_READ_QUOTE = 4 * MAX_QUOTE


class CommentRow(BaseModel):
    """One row of ``comment/list``, v1 or v2; lenient, so that validating a dict never raises.

    Deliberately without ``email``, ``uuid`` and all else that is never shown.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    comment_id: Identity = None
    object_id: Identity = None
    object_type: Text = ""
    comment_type: Text = ""
    promoted_p: Flag = None
    name: Text = ""
    first_name: Text = ""
    full_name: Text = ""
    truncated_name: Text = ""
    content: Text = ""
    content_text: Text = ""
    avatar: Text = ""
    comment_status: Text = ""
    status: Text = ""
    comment_time: Number = None
    creation_date_ansi: Text = ""
    creation_date_epoch: Epoch = None
    reply_to_comment_id: Identity = None


def comment_from_row(row: Mapping[str, Any], object_id: ObjectId | None) -> Comment | None:
    """Make a comment of a row; never raises.

    Args:
        row: the row as parsed from JSON.
        object_id: the object that was asked about; ``None`` takes the row's word for it.

    Returns:
        ``None`` where the row has no readable ID, or belongs to no object or to another one.
        A kind that is absent or unknown counts as a question, the only private one, unless the
        row says that it is a video's and names no kind: videos have comments only.
    """
    read = CommentRow.model_validate(dict(row))
    owner = read.object_id if object_id is None else object_id
    if read.comment_id is None or owner is None or read.object_id not in (None, owner):
        return None
    return Comment(
        comment_id=CommentId(read.comment_id),
        object_id=ObjectId(owner),
        kind=kind_of(read.comment_type) or _kind_of_untold(read),
        is_promoted=bool(read.promoted_p),
        author=_author(read),
        text=(read.content_text.strip() or plain(read.content))[:MAX_COMMENT],
        created_at=read.creation_date_epoch or moment(read.creation_date_ansi),
        created_text=read.creation_date_ansi.strip()[:_MAX_WHEN],
        position_s=_position(read.comment_time),
        status=status_of(read.comment_status) or status_of(read.status),
        answers=_quote(row, read),
        avatar=read.avatar.strip() if len(read.avatar) <= MAX_ADDRESS else "",
        untold=tuple(_untold(row, read)),
    )


def whole_comment_from_row(row: Mapping[str, Any], object_id: ObjectId) -> Comment | None:
    """Make a comment of a row that says all that a comment needs; never raises.

    ``None`` where it has no text, no known ``comment_type``, no readable ``promoted_p``, or an
    ``object_id`` that is not the one given.
    """
    is_told = (
        kind_of(text(row.get("comment_type"))) is not None
        and flag(row.get("promoted_p")) is not None
        and _is_of(row.get("object_id"), object_id)
    )
    comment = comment_from_row(row, object_id) if is_told else None
    return comment if comment is not None and comment.text else None


def _is_of(told: object, object_id: ObjectId) -> bool:
    return told is None or told == "" or identity(told) == object_id


def marks_in(row: Mapping[str, Any]) -> int:
    """Return how much there may be to strip off the texts of a row."""
    rows = [row, *(one for one in _told_of_answered(row) if isinstance(one, Mapping))]
    found = [one.get("content") for one in rows]
    return sum(marks(content) for content in found if isinstance(content, str))


def kind_of(comment_type: str) -> CommentKind | None:
    """Return the kind that TwentyThree's ``comment_type`` names, or ``None``."""
    try:
        return CommentKind(comment_type.strip().casefold())
    except ValueError:
        return None


def status_of(told: str) -> CommentStatus:
    """Return what staff did with a question; what is unknown is nothing.

    The API takes ``comment_status``; no document tells what a row calls it.
    """
    try:
        return CommentStatus(told.strip().casefold())
    except ValueError:
        return CommentStatus.OPEN


def _untold(row: Mapping[str, Any], read: CommentRow) -> Iterator[str]:
    """Yield what a row does not say, so that what is known of the comment stays."""
    if read.promoted_p is None:
        yield "promotion"
    if kind_of(read.comment_type) is None and _kind_of_untold(read) is CommentKind.QUESTION:
        yield "kind"
    if row.keys().isdisjoint(_NAMES):
        yield "author"
    if row.keys().isdisjoint(_TEXTS):
        yield "text"


def _kind_of_untold(read: CommentRow) -> CommentKind:
    is_video = read.object_type.strip().casefold() in _VIDEO_TYPES
    is_told = bool(read.comment_type.strip())
    return CommentKind.COMMENT if is_video and not is_told else CommentKind.QUESTION


def _quote(row: Mapping[str, Any], read: CommentRow) -> Quote | None:
    """Return what a comment answers; no comment answers itself.

    Where nobody tells what the answered comment is, it counts as a private question.
    """
    number, details = _answered(row, read.reply_to_comment_id)
    if number is None or number == read.comment_id:
        return None
    if not details:
        return Quote(comment_id=CommentId(number))
    told = CommentRow.model_validate(dict(details))
    words = told.content_text.strip() or plain(told.content[:_READ_QUOTE])
    return Quote(
        comment_id=CommentId(number),
        author=_author(told),
        text=words[:MAX_QUOTE],
        kind=kind_of(told.comment_type) or _kind_of_untold(told),
        is_promoted=bool(told.promoted_p),
    )


def _answered(row: Mapping[str, Any], number: int | None) -> tuple[int | None, Mapping[str, Any]]:
    """Return the ID of the answered comment, and what else is told of that one."""
    for told in _told_of_answered(row):
        if not isinstance(told, Mapping):
            number = number or identity(told)
            continue
        its_own = identity(told.get("comment_id")) or number
        if its_own is not None and number in (None, its_own):
            return its_own, told
    return number, {}


def _told_of_answered(row: Mapping[str, Any]) -> Iterator[object]:
    for name in _ANSWERED:
        told = row.get(name)
        yield from told[:_MOST_ANSWERED] if isinstance(told, list) else (told,)


def _author(read: CommentRow) -> str:
    names = (read.name, read.first_name, read.full_name, read.truncated_name)
    return next((shown for name in names if (shown := as_author(name))), GUEST)


def as_author(name: str) -> str:
    """Return a name as it is read from a row; ``""``: there is none, or it looks like an address.

    A comment that is sent under a name that reads otherwise is not known again by it.
    """
    # Cut first: to normalise a row of marks takes the square of its length.
    shown = name.strip()[:_READ_NAME]
    # NFKC makes the look-alikes of "@" one.
    is_address = _ADDRESS.search(unicodedata.normalize("NFKC", shown)) is not None
    return "" if is_address else shown[:MAX_NAME]


def _position(seconds: float | None) -> float | None:
    is_possible = seconds is not None and 0 <= seconds < _MAX_POSITION_S
    return seconds if is_possible else None


MAX_ID = 2**63 - 1
MAX_TEXT = 65_536

_TRUE = frozenset({"1", "t", "true", "y", "yes", "on"})
_FALSE = frozenset({"0", "f", "false", "n", "no", "off"})
# ASCII on purpose: int() and float() would also take other scripts' digits and underscores.
_NUMBER = re.compile(r"[+-]?[0-9]{1,25}(?:\.[0-9]{0,25})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_WHOLE = re.compile(r"([+-]?[0-9]{1,19})(?:\.0{0,25})?", re.ASCII)
_MAX_SPELLING = 64
_MAX_EXACT_FLOAT = 2.0**53
# The year 2200. Later ones are mistakes, and near the end of what can be told, so that nothing can
# be added to them.
_END_OF_TIME_S = 7_258_118_400


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
    Zero and negative epochs stand for "never", and so does what is spelled and lies there.
    """
    seconds = number(value)
    if seconds is not None:
        return datetime.fromtimestamp(seconds, UTC) if _can_be(seconds) else None
    word = _spelling(value)
    if word is None:
        return None
    try:
        found = datetime.fromisoformat(word)
    except ValueError:
        return None
    is_told = found.tzinfo is not None and _can_be(found.timestamp())
    return found.astimezone(UTC) if is_told else None


def _can_be(seconds: float) -> bool:
    return 0 < seconds < _END_OF_TIME_S


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
