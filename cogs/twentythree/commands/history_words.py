"""Entries of the trail as a list, an item each. Names, titles and words in them are hostile."""

from __future__ import annotations

from ..domain.acting import Effect
from ..domain.deeds import Action
from ..domain.trail import Deed, Entry
from ..embeds import detail_told, with_references
from ..languages import noted, tr
from . import words

# Ten entries, with the breaks between them, fit into an embed's 4096 characters, even where every
# character is escaped.
MAX_LINE = 408
_MAX_NAME = 24
_MAX_TITLE = 40
_MAX_TEXT = 60
_MAX_DETAIL = 80

_DEEDS: dict[Action | Deed, str] = {
    Action.PROMOTE: noted("promoted"),
    Action.UNPROMOTE: noted("unpromoted"),
    Action.ANSWER: noted("answered"),
    Action.REOPEN: noted("reopened"),
    Action.DISMISS: noted("dismissed"),
    Action.REPLY: noted("replied"),
    Action.DELETE: noted("deleted"),
    Action.COPY: noted("copied to the questions"),
    Deed.ATTACH: noted("attached"),
    Deed.DETACH: noted("detached"),
    Deed.OPTIONS: noted("set options"),
    Deed.FOLLOW: noted("followed"),
    Deed.UNFOLLOW: noted("unfollowed"),
    Deed.MODERATORS: noted("set who may act"),
    Deed.LOG: noted("set the log"),
    Deed.BOARD: noted("set a board"),
    Deed.IMPORT: noted("imported"),
    Deed.ROOM: noted("set a room"),
    Deed.DEFAULTS: noted("set what rooms have"),
    Deed.SETUP: noted("set up"),
}
# What was done goes without saying.
_EFFECTS = {
    Effect.DONE: "",
    Effect.ALREADY: noted("was so already"),
    Effect.GONE: noted("was gone"),
    Effect.REFUSED: noted("refused"),
    Effect.NOT_DONE: noted("not done"),
    Effect.UNKNOWN: noted("not known yet"),
    Effect.DROPPED: noted("cancelled"),
    None: noted("under way"),
}
_HIDDEN = noted("in a room that you do not see")


def entry_line(entry: Entry, *, is_shown: bool) -> str:
    """Return an entry; ``is_shown``: with what it is about, in a room that the reader sees."""
    who = words.disarmed(entry.actor.name, _MAX_NAME)
    deed = tr(_DEEDS[entry.deed])
    head = "- " + tr("**{name}** {deed}", name=who, deed=deed)
    about = _about(entry) if is_shown else [tr(_HIDDEN)]
    effect = tr(_EFFECTS[entry.effect]) if isinstance(entry.deed, Action) else ""
    parts = (head, *about, effect, words.moment(entry.at, "f"))
    return " · ".join(part for part in parts if part)


def _about(entry: Entry) -> list[str]:
    said = f"“{words.disarmed(entry.text, _MAX_TEXT)}”" if entry.text else ""
    author = words.disarmed(entry.author, _MAX_NAME)
    return [
        ": ".join(part for part in (author, said) if part)
        or with_references(detail_told(entry.detail), _MAX_DETAIL),
        words.disarmed(entry.object_title, _MAX_TITLE),
        "" if entry.room_id is None else words.room(entry.room_id),
    ]
