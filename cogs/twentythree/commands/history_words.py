"""Entries of the trail as pure text, a line each. Names, titles and words in them are hostile."""

from __future__ import annotations

from ..domain.acting import Effect
from ..domain.deeds import Action
from ..domain.trail import Deed, Entry
from ..embeds import with_references
from . import words

# Ten entries fit into an embed's 4096 characters, even where every character is escaped.
MAX_LINE = 409
_MAX_NAME = 24
_MAX_TITLE = 40
_MAX_TEXT = 60
_MAX_DETAIL = 80

_DEEDS: dict[Action | Deed, str] = {
    Action.PROMOTE: "promoted",
    Action.UNPROMOTE: "unpromoted",
    Action.ANSWER: "answered",
    Action.REOPEN: "reopened",
    Action.DISMISS: "dismissed",
    Action.REPLY: "replied",
    Action.DELETE: "deleted",
    Action.COPY: "copied to the questions",
    Deed.ATTACH: "attached",
    Deed.DETACH: "detached",
    Deed.OPTIONS: "set options",
    Deed.FOLLOW: "followed",
    Deed.UNFOLLOW: "unfollowed",
    Deed.MODERATORS: "set who may act",
    Deed.LOG: "set the log",
    Deed.BOARD: "set a board",
    Deed.IMPORT: "imported",
    Deed.ROOM: "set a room",
    Deed.DEFAULTS: "set what rooms have",
    Deed.SETUP: "set up",
}
# What was done goes without saying.
_EFFECTS = {
    Effect.DONE: "",
    Effect.ALREADY: "was so already",
    Effect.GONE: "was gone",
    Effect.REFUSED: "refused",
    Effect.NOT_DONE: "not done",
    Effect.UNKNOWN: "not known yet",
    Effect.DROPPED: "cancelled",
    None: "under way",
}
_HIDDEN = "in a room that you do not see"


def entry_line(entry: Entry, *, is_shown: bool) -> str:
    """Return an entry; ``is_shown``: with what it is about, in a room that the reader sees."""
    who = words.disarmed(entry.actor.name, _MAX_NAME)
    head = f"{words.moment(entry.at, 'f')} **{who}** {_DEEDS[entry.deed]}"
    about = _about(entry) if is_shown else [_HIDDEN]
    effect = _EFFECTS[entry.effect] if isinstance(entry.deed, Action) else ""
    return " · ".join(part for part in (head, *about, effect) if part)


def _about(entry: Entry) -> list[str]:
    said = f"“{words.disarmed(entry.text, _MAX_TEXT)}”" if entry.text else ""
    author = words.disarmed(entry.author, _MAX_NAME)
    return [
        ": ".join(part for part in (author, said) if part)
        or with_references(entry.detail, _MAX_DETAIL),
        words.disarmed(entry.object_title, _MAX_TITLE),
        "" if entry.room_id is None else words.room(entry.room_id),
    ]
