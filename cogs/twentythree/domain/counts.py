"""How many of something there are, in words."""

from __future__ import annotations

from ..languages import tr_many


def _pair(one: str, many: str) -> tuple[str, str]:
    """Return two texts as they are; by this mark they are found."""
    return one, many


_NOUNS = {
    "attachment": _pair("{count} attachment", "{count} attachments"),
    "board": _pair("{count} board", "{count} boards"),
    "card": _pair("{count} card", "{count} cards"),
    "character": _pair("{count} character", "{count} characters"),
    "comment": _pair("{count} comment", "{count} comments"),
    "entry": _pair("{count} entry", "{count} entries"),
    "follow": _pair("{count} follow", "{count} follows"),
    "message": _pair("{count} message", "{count} messages"),
    "minute": _pair("{count} minute", "{count} minutes"),
    "more line": _pair("{count} more line", "{count} more lines"),
    "more object": _pair("{count} more object", "{count} more objects"),
    "notice": _pair("{count} notice", "{count} notices"),
    "object": _pair("{count} object", "{count} objects"),
    "question": _pair("{count} question", "{count} questions"),
    "room": _pair("{count} room", "{count} rooms"),
    "setting": _pair("{count} room's settings", "{count} rooms' settings"),
    "word": _pair("{count} word", "{count} words"),
    "word or name": _pair("{count} word or name", "{count} words and names"),
}


def many(count: int, noun: str) -> str:
    """Return ``1 notice``, ``2 notices``, in the language that is spoken."""
    return tr_many(*_NOUNS[noun], count)
