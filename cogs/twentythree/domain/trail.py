"""The trail: who did what in a server, with what effect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from .acting import Effect
from .deeds import Action, Actor
from .model import CommentId, GuildId, ObjectId, RoomId

# How long names of viewers, and what they or a reply said, are kept.
KEEP_WORDS = timedelta(days=7)


class Deed(StrEnum):
    """What was set, beside the actions on comments."""

    ATTACH = "attach"
    DETACH = "detach"
    OPTIONS = "options"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    MODERATORS = "moderators"
    LOG = "log"
    BOARD = "board"
    IMPORT = "import"
    ROOM = "room"
    DEFAULTS = "defaults"
    SETUP = "setup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a server's trail.

    ``author`` and ``text`` are a viewer's name and words, or those of a reply: empty once they are
    too old. ``detail`` is text for people: what was set. ``effect`` is ``None`` while it is under
    way.
    """

    entry_id: int
    guild_id: GuildId
    at: datetime
    actor: Actor
    deed: Action | Deed
    room_id: RoomId | None = None
    object_id: ObjectId | None = None
    object_title: str = ""
    comment_id: CommentId | None = None
    author: str = ""
    text: str = ""
    detail: str = ""
    effect: Effect | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """What was set, to be put on the trail: it is done already.

    ``is_public``: whether everybody may know of the object.
    """

    guild_id: GuildId
    actor: Actor
    deed: Deed
    room_id: RoomId | None = None
    object_id: ObjectId | None = None
    object_title: str = ""
    detail: str = ""
    is_public: bool = True
