"""A server's configuration as a file: what ``/video export`` writes and ``/video import`` takes.

IDs are texts in it, since many programs round numbers of that size. Titles are there to be read by
people; nothing is found by them. Options are kept as people type them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..errors import ForeignFileError
from ..languages import kept
from ..weight import is_heavier
from .fields import identity, storable
from .model import CategoryId, GuildId, ObjectId, ObjectKind, RoomId
from .shown import BoardView

VERSION = 1
# What one file may hold; it is looked at before the file is read, and parsed.
MAX_BYTES = 256 * 1024
_MAX_VALUES = 40_000

FOLLOWED = {"live": ObjectKind.LIVE, "videos": ObjectKind.VIDEO}
"""What a follow is about, as people type it."""

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedAttachment:
    """One object in one room: of a post, in its forum."""

    object_id: ObjectId
    room_id: RoomId
    options: Mapping[str, Any]
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFollow:
    """A follow; ``category_id`` ``None`` is the whole workspace."""

    kind: ObjectKind
    category_id: CategoryId | None
    room_id: RoomId
    options: Mapping[str, Any]
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedBoard:
    """A board of an object's questions."""

    object_id: ObjectId
    room_id: RoomId
    view: BoardView
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedRoom:
    """What a room has set for itself."""

    room_id: RoomId
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What a server has set. ``moderators`` is a role; ``None``: nothing is set.

    ``defaults``: what its rooms have that say nothing else.
    """

    guild_id: GuildId
    moderators: int | None = None
    log_room: RoomId | None = None
    attachments: tuple[ExportedAttachment, ...] = ()
    follows: tuple[ExportedFollow, ...] = ()
    boards: tuple[ExportedBoard, ...] = ()
    rooms: tuple[ExportedRoom, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)


def written(export: Export) -> str:
    """Write an export as the text of a file."""
    kinds = {kind: word for word, kind in FOLLOWED.items()}
    found = {
        "version": VERSION,
        "server": str(export.guild_id),
        "moderators": _text(export.moderators),
        "log_room": _text(export.log_room),
        "defaults": dict(export.defaults),
        "rooms": [{"room": str(one.room_id), "options": dict(one.options)} for one in export.rooms],
        "attachments": [
            {
                "object": str(one.object_id),
                "title": one.title,
                "room": str(one.room_id),
                "options": dict(one.options),
            }
            for one in export.attachments
        ],
        "follows": [
            {
                "what": kinds[one.kind],
                "category": _text(one.category_id),
                "title": one.title,
                "room": str(one.room_id),
                "options": dict(one.options),
            }
            for one in export.follows
        ],
        "boards": [
            {
                "object": str(one.object_id),
                "title": one.title,
                "room": str(one.room_id),
                "view": one.view.value,
            }
            for one in export.boards
        ],
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


# Reading: whoever gives a command may give any file.


def read(data: bytes) -> Export:
    """Read a file as :func:`written` made it, or as a person changed it.

    Raises:
        ForeignFileError: it is no such file; the sentence says why.
    """
    if len(data) > MAX_BYTES:
        raise ForeignFileError(kept("it is larger than {size} KiB").format(size=MAX_BYTES // 1024))
    found = _parsed(data)
    version = found.get("version")
    if version != VERSION or isinstance(version, bool):
        raise ForeignFileError(
            kept("its `version` is not {version}, the one that this bot writes").format(
                version=VERSION
            )
        )
    return Export(
        guild_id=GuildId(_id(found, "server", kept("the file"))),
        moderators=_id_or_none(found, "moderators", kept("the file")),
        log_room=_room_or_none(found),
        attachments=_entries(found, "attachments", _attachment),
        follows=_entries(found, "follows", _follow),
        boards=_entries(found, "boards", _board),
        rooms=_entries(found, "rooms", _room),
        defaults=_mapping(found, "defaults", kept("the file")),
    )


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        text = data.decode("utf-8-sig")
        # Before it is parsed: what holds very much takes long.
        if is_heavier(text, _MAX_VALUES):
            raise ForeignFileError(kept("it holds too much"))
        found = _storable(json.loads(text))
    except (ValueError, RecursionError):
        raise ForeignFileError(kept("it is no JSON that can be read")) from None
    if not isinstance(found, dict):
        raise ForeignFileError(kept("it holds something else"))
    return found


def _storable(value: Any) -> Any:
    """Return what was parsed with nothing in it that no database, and no message, takes."""
    match value:
        case str():
            return storable(value)
        case list():
            return [_storable(one) for one in value]
        case dict():
            return {storable(name): _storable(one) for name, one in value.items()}
        case _:
            return value


def _entries(
    found: Mapping[str, Any], name: str, take: Callable[[Mapping[str, Any], str], _Item]
) -> tuple[_Item, ...]:
    entries = found.get(name, [])
    if not isinstance(entries, list):
        raise ForeignFileError(kept("`{name}` is no list").format(name=name))
    taken = []
    for number, entry in enumerate(entries, 1):
        where = kept("entry {number} of `{name}`").format(number=number, name=name)
        if not isinstance(entry, dict):
            raise ForeignFileError(kept("{where} is something else").format(where=where))
        taken.append(take(entry, where))
    return tuple(taken)


def _attachment(entry: Mapping[str, Any], where: str) -> ExportedAttachment:
    return ExportedAttachment(
        object_id=ObjectId(_id(entry, "object", where)),
        room_id=RoomId(_id(entry, "room", where)),
        options=_options(entry, where),
    )


def _follow(entry: Mapping[str, Any], where: str) -> ExportedFollow:
    what = entry.get("what")
    if not isinstance(what, str) or what not in FOLLOWED:
        raise ForeignFileError(
            kept("`what` of {where} is none of {words}").format(
                where=where, words=", ".join(FOLLOWED)
            )
        )
    category_id = _id_or_none(entry, "category", where)
    return ExportedFollow(
        kind=FOLLOWED[what],
        category_id=None if category_id is None else CategoryId(category_id),
        room_id=RoomId(_id(entry, "room", where)),
        options=_options(entry, where),
    )


def _board(entry: Mapping[str, Any], where: str) -> ExportedBoard:
    view = entry.get("view")
    known = {one.value: one for one in BoardView}
    if not isinstance(view, str) or view not in known:
        raise ForeignFileError(
            kept("`view` of {where} is none of {words}").format(where=where, words=", ".join(known))
        )
    return ExportedBoard(
        object_id=ObjectId(_id(entry, "object", where)),
        room_id=RoomId(_id(entry, "room", where)),
        view=known[view],
    )


def _room(entry: Mapping[str, Any], where: str) -> ExportedRoom:
    return ExportedRoom(room_id=RoomId(_id(entry, "room", where)), options=_options(entry, where))


def _options(entry: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    return _mapping(entry, "options", where)


def _mapping(entry: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    found = entry.get(name, {})
    if not isinstance(found, dict):
        raise ForeignFileError(
            kept("`{name}` of {where} are no object").format(name=name, where=where)
        )
    return found


def _id(entry: Mapping[str, Any], name: str, where: str) -> int:
    found = identity(entry.get(name))
    if found is None:
        raise ForeignFileError(kept("`{name}` of {where} is no ID").format(name=name, where=where))
    return found


def _id_or_none(entry: Mapping[str, Any], name: str, where: str) -> int | None:
    return None if entry.get(name) is None else _id(entry, name, where)


def _room_or_none(found: Mapping[str, Any]) -> RoomId | None:
    room_id = _id_or_none(found, "log_room", kept("the file"))
    return None if room_id is None else RoomId(room_id)
