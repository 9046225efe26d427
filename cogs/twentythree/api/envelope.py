"""From an HTTP answer to rows, or to the error that it means.

Sources: https://twentythree.com/api-requests (version 2: rows under ``data``, real statuses) and
https://github.com/23/DeveloperDocumentation, index.md and error-codes.md (version 1: rows under a
key per method, errors under status 200, JSON maybe as ``var visual = {...}``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec

from ..domain.fields import flag, text, whole
from ..errors import (
    WRITING,
    AccessDeniedError,
    CredentialsRefusedError,
    UnknownObjectError,
    UnreadableAnswerError,
    WorkspaceError,
    WorkspaceRefusedError,
    WorkspaceUnreachableError,
)
from ..weight import weight
from .credentials import Version

Row = Mapping[str, Any]

# Where version 1 puts the rows. A lone video has been seen as an object under `photo`.
_WRAPPERS: dict[str, tuple[str, ...]] = {
    "album/list": ("albums", "album"),
    "comment/add": ("comment", "comments"),
    "comment/clone": ("comment", "comments"),
    "comment/list": ("comments", "comment"),
    "live/list": ("live", "lives"),
    "live/log": ("onelog", "log"),
    "live/realtime": ("realtime", "live"),
    "live/webinar/info": ("webinar", "live", "info"),
    "photo/list": ("photos", "photo"),
    "site/get": ("site",),
}
# What these methods are called for may lie beside the rows, or is their effect.
_NEEDS_NO_ROWS = WRITING | {"live/log", "live/realtime"}
_ASSIGNED = re.compile(r"\s*(?:var\s+)?[A-Za-z_$][\w$]*\s*=\s*")
_MAX_ASSIGNED = 200
# An answer is read in one step of the loop, which others wait for: 30 ms are enough. Up to the
# first, with Python's own parser, which takes what is not quite JSON; up to the second with one
# that is faster. A hundred videos with all their links are half of that.
_LIGHT = 40_000
_HEAVY = 150_000
# We never ask for more than a hundred.
_MAX_ROWS = 500
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_SECRET = re.compile(r"[A-Za-z0-9_+/=-]{20,}")
_MAX_WORDS = 200
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})

_REFUSED_CREDENTIALS = frozenset(
    {"invalid_signature", "missing_authentication", "invalid_authentication", "invalid_token"}
)
# `token_required` is a closed workspace's answer to strangers; the token is the object's.
_DENIED = frozenset(
    {"permission_denied", "token_required", "invalid_photo_token", "invalid_album_token"}
)
NO_SUCH_METHOD = frozenset({"no_such_method", "unknown_method"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAnswer:
    """A good answer.

    ``rows`` holds a lone object as one row. ``permission_level`` is the caller's (``""``: not
    told). ``extra`` is what lies beside the rows.
    """

    rows: tuple[Row, ...] = ()
    permission_level: str = ""
    is_cached: bool = False
    total_count: int | None = None
    extra: Row = field(default_factory=dict)


def decipher(method: str, version: Version, status: int, body: bytes) -> ApiAnswer:
    """Return the answer that an HTTP status and body hold.

    Raises:
        WorkspaceUnreachableError: a 5xx, 408 or 429; ``code`` is the status.
        CredentialsRefusedError: 401, or a code that speaks of the credentials.
        AccessDeniedError: 403, or a code that speaks of the level.
        UnknownObjectError: 404 in an envelope, or a code ``no_such_...``.
        UnreadableAnswerError: no envelope of this API.
        WorkspaceRefusedError: any other refusal.
    """
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING:
        raise WorkspaceUnreachableError(method, str(status))
    if weight(body) > _HEAVY:
        raise UnreadableAnswerError(method, "too_big")
    envelope = _envelope(body)
    if envelope is None:
        raise _without_envelope(method, status)
    if status >= HTTPStatus.BAD_REQUEST or text(envelope.get("status", "ok")) != "ok":
        raise _refusal(method, status, envelope)
    key = _rows_key(method, version, envelope)
    total = whole(envelope.get("total_count"))
    if key is None and method not in _NEEDS_NO_ROWS and total != 0:
        raise UnreadableAnswerError(method, "no_rows")
    return ApiAnswer(
        rows=() if key is None else _rows(envelope[key]),
        permission_level=text(envelope.get("permission_level")),
        is_cached=bool(flag(envelope.get("cached"))),
        total_count=total,
        extra={name: value for name, value in envelope.items() if name != key},
    )


def _envelope(body: bytes) -> dict[str, Any] | None:
    """Return the JSON object of a body, or ``None``."""
    words = body.decode("utf-8-sig", "replace")
    words = _without_assignment(words)
    parse = json.loads if weight(body) <= _LIGHT else msgspec.json.decode
    try:
        found = parse(words)
    except (ValueError, msgspec.DecodeError, RecursionError):
        return None
    # Something that is neither a status nor a level is another site's JSON.
    is_ours = isinstance(found, dict) and bool(found.keys() & {"status", "permission_level"})
    return found if is_ours else None


def _without_assignment(words: str) -> str:
    """Return what is assigned in ``var visual = {...};``, else the words as they are."""
    start, end = words.find("{"), words.rfind("}") + 1
    is_assigned = (
        0 < start <= min(_MAX_ASSIGNED, end)
        and _ASSIGNED.fullmatch(words[:start])
        and words[end:].strip() in ("", ";")
    )
    return words[start:end] if is_assigned else words


def _rows_key(method: str, version: Version, envelope: Row) -> str | None:
    known = _WRAPPERS.get(method, ())
    keys = ("data", *known) if version == "2" else (*known, "data")
    there = [key for key in keys if key in envelope]
    # A lone object and an empty list of them may come side by side.
    return next((key for key in there if envelope[key]), there[0] if there else None)


def _rows(found: object) -> tuple[Row, ...]:
    items = found[:_MAX_ROWS] if isinstance(found, list) else [found]
    return tuple(item for item in items if isinstance(item, dict) and item)


def _without_envelope(method: str, status: int) -> WorkspaceError:
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return CredentialsRefusedError(method, "401")
        case HTTPStatus.FORBIDDEN:
            return AccessDeniedError(method, "403")
        case _:
            return UnreadableAnswerError(method, str(status))


def _refusal(method: str, status: int, envelope: Row) -> WorkspaceError:
    code, words = _code(envelope), _words(text(envelope.get("message")))
    kind: type[WorkspaceError] = WorkspaceRefusedError
    if code in NO_SUCH_METHOD:
        kind = UnreadableAnswerError
    elif code in _DENIED:
        kind = AccessDeniedError
    elif code in _REFUSED_CREDENTIALS or status == HTTPStatus.UNAUTHORIZED:
        kind = CredentialsRefusedError
    elif status == HTTPStatus.FORBIDDEN:
        kind = AccessDeniedError
    elif status == HTTPStatus.NOT_FOUND or (code or "").startswith("no_such_"):
        kind = UnknownObjectError
    if code is None and status != HTTPStatus.OK:
        code = str(status)
    return kind(method, code, words)


def _code(envelope: Row) -> str | None:
    code = text(envelope.get("code")).strip()
    return code if _CODE.fullmatch(code) else None


def _words(message: str) -> str | None:
    """Return the workspace's words for the log: short, on one line, with nothing like a secret."""
    if "oauth_" in message.lower():
        return None
    line = " ".join(message.split())
    return _SECRET.sub("…", line)[:_MAX_WORDS] or None
