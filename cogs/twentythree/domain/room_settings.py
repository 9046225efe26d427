"""How a room looks and what it leaves out, for all that is attached to it.

A server may say what its rooms have, and each room what it has otherwise. Nothing of the other
words of the domain is imported here: an attachment holds these.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

from ..languages import Language, language_of

# ``comment_type``, as people type it.
KINDS = ("comment", "chat", "question")
MOST_HIDDEN = 200
MAX_HIDDEN = 60
MAX_MIN_LENGTH = 500


class Layout(StrEnum):
    """How comments are shown; the option ``layout`` of ``/video room``.

    ``cards``: an embed each, or a line each where many come at once; ``compact``: a line each
    without an embed; ``lines``: a line each in an embed, also where few come.
    """

    CARDS = "cards"
    COMPACT = "compact"
    LINES = "lines"


class LanguageAsked(StrEnum):
    """Which language a room has; the option ``language``.

    ``discord``: that of the server, as its people have set it in Discord.
    """

    DISCORD = "discord"
    ENGLISH = Language.ENGLISH.value
    DANISH = Language.DANISH.value
    GERMAN = Language.GERMAN.value
    SWEDISH = Language.SWEDISH.value

    def in_server(self, locale: str | None) -> Language:
        """Return the language that is meant in a server of this locale."""
        return language_of(locale) if self is LanguageAsked.DISCORD else Language(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSettings:
    """What a room has set, as it is in force.

    ``is_silent``: comments notify nobody. ``kinds``: those that are shown. ``hidden``: words and
    names, as they were typed; a comment that holds one is not shown. ``min_length``: characters
    of the shortest comment that is. ``language``: of all that is posted there.
    """

    layout: Layout = Layout.CARDS
    is_silent: bool = False
    kinds: tuple[str, ...] = KINDS
    hidden: tuple[str, ...] = ()
    min_length: int = 0
    language: LanguageAsked = LanguageAsked.DISCORD


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomSettingsAsked:
    """What a room, or a server for its rooms, has set; ``None``: that is left to what is below."""

    layout: Layout | None = None
    is_silent: bool | None = None
    kinds: tuple[str, ...] | None = None
    hidden: tuple[str, ...] | None = None
    min_length: int | None = None
    language: LanguageAsked | None = None

    def over(self, below: RoomSettings) -> RoomSettings:
        """Return what is in force where this is laid over something else."""
        return replace(below, **self._set())

    def changed_by(self, asked: RoomSettingsAsked) -> RoomSettingsAsked:
        """Return what is set once something else was asked for as well."""
        return replace(self, **asked._set())

    def _set(self) -> dict[str, Any]:
        held: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in held.items() if value is not None}


NOTHING_SET = RoomSettingsAsked()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How one message is made, and said; stored with its batch, so that an edit makes it alike.

    ``after``: the object that the message before in its room was about, whose title needs no
    saying again; ``None``: none, or it is not known.
    """

    layout: Layout = Layout.CARDS
    is_silent: bool = False
    after: int | None = None
    language: Language = Language.ENGLISH
