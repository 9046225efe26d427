"""The options of ``/video room`` and ``/video defaults``: each is described here, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from discord import app_commands

from ..domain.admission import folded, words_of
from ..domain.room_settings import (
    KINDS,
    MAX_HIDDEN,
    MAX_MIN_LENGTH,
    MOST_HIDDEN,
    LanguageAsked,
    Layout,
    RoomSettings,
    RoomSettingsAsked,
)
from ..languages import Language, many, noted, speaking, tr, tr_as, within_line
from . import words
from .described_options import Takes, takes_options
from .replies import Refusal

_ALL_KINDS = "all"
# What Discord takes as one option.
_MAX_TYPED = 6000
_MAX_SHOWN = 300

_LAYOUTS = {
    Layout.CARDS: noted("a card each, or lines where many come at once"),
    Layout.COMPACT: noted("a line each, without a box"),
    Layout.LINES: noted("lines in a box, also where few come"),
}


# Each by its own name, so that whoever speaks it finds it.
_LANGUAGES = {
    LanguageAsked.DISCORD: "As Discord says it",
    LanguageAsked.ENGLISH: "English",
    LanguageAsked.DANISH: "Dansk",
    LanguageAsked.GERMAN: "Deutsch",
    LanguageAsked.SWEDISH: "Svenska",
}


def _kinds(typed: str) -> tuple[str, ...]:
    return KINDS if typed == _ALL_KINDS else tuple(typed.split(", "))


def _kinds_text(kinds: tuple[str, ...]) -> str:
    return _ALL_KINDS if set(kinds) == set(KINDS) else ", ".join(kinds)


def _hidden(typed: str) -> tuple[str, ...]:
    found = words_of(typed)
    if not found:
        raise Refusal(tr("`hide` names no word; with `no_hide` nothing is hidden any more."))
    if len(found) > MOST_HIDDEN:
        raise Refusal(
            tr(
                "`hide` takes at most {most} words and names; these are {count}.",
                most=MOST_HIDDEN,
                count=len(found),
            )
        )
    if any(len(one) > MAX_HIDDEN for one in found):
        raise Refusal(
            tr(
                "A word of `hide` has at most {most} characters; separate by commas.",
                most=MAX_HIDDEN,
            )
        )
    return found


def _hidden_text(settings: RoomSettings) -> str:
    if not settings.hidden:
        return tr("nothing")
    told = words.disarmed(", ".join(settings.hidden), _MAX_SHOWN)
    return f"{many(len(settings.hidden), 'word or name')} ({told})"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingOption:
    """One option; nobody need give it.

    Attributes:
        name: as people type it.
        type: what discord.py makes of it.
        description: what Discord says of it.
        setting: what it sets, by its name in ``RoomSettings``.
        read: makes that of what was typed.
        written: makes what would be typed of that.
        title: of the line that tells of it.
        text: what that line says.
        labels: what people choose from; none: as the type has it.
    """

    name: str
    type: Any
    description: str
    setting: str
    read: Callable[[Any], Any]
    written: Callable[[Any], Any]
    title: str
    text: Callable[[RoomSettings], str]
    labels: Mapping[str, str] = field(default_factory=dict)


OPTIONS = (
    SettingOption(
        name="layout",
        type=Literal["cards", "compact", "lines"],
        description=noted("How comments are shown; default: cards, and lines where many come"),
        setting="layout",
        read=Layout,
        written=str,
        title=noted("Comments"),
        text=lambda settings: tr(_LAYOUTS[settings.layout]),
    ),
    SettingOption(
        name="silent",
        type=Literal["on", "off"],
        description=noted("Whether comments notify nobody; live starts always do"),
        setting="is_silent",
        read=lambda typed: typed == "on",
        written=lambda is_silent: "on" if is_silent else "off",
        title=noted("Notifications"),
        text=lambda settings: (
            tr("live starts only") if settings.is_silent else tr("as people have set")
        ),
    ),
    SettingOption(
        name="kinds",
        type=Literal[
            "all",
            "comment",
            "chat",
            "question",
            "comment, chat",
            "comment, question",
            "chat, question",
        ],
        description=noted("Which kinds are shown, of those that `comments` takes; default: all"),
        setting="kinds",
        read=_kinds,
        written=_kinds_text,
        title=noted("Kinds"),
        text=lambda settings: tr_as("choice", _kinds_text(settings.kinds)),
    ),
    SettingOption(
        name="hide",
        type=app_commands.Range[str, 1, _MAX_TYPED],
        description=noted("Words and names, commas between: comments that hold one are not shown"),
        setting="hidden",
        read=_hidden,
        written=", ".join,
        title=noted("Hidden"),
        text=_hidden_text,
    ),
    SettingOption(
        name="min_length",
        type=app_commands.Range[int, 0, MAX_MIN_LENGTH],
        description=noted(
            "Characters of the shortest comment that is shown; promoted ones always are"
        ),
        setting="min_length",
        read=int,
        written=int,
        title=noted("Shortest"),
        text=lambda settings: many(settings.min_length, "character"),
    ),
    SettingOption(
        name="language",
        type=Literal["discord", "en", "da", "de", "sv"],
        description=noted("Of all that is posted; default: that of the server in Discord"),
        setting="language",
        read=LanguageAsked,
        written=str,
        title=noted("Language"),
        text=lambda settings: tr_as("choice", _LANGUAGES[settings.language]),
        labels={one.value: label for one, label in _LANGUAGES.items()},
    ),
)
_UNHIDE, _NO_HIDE, _RESET = "unhide", "no_hide", "reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Switch:
    name: str
    description: str
    type: Any = bool
    labels: Mapping[str, str] = field(default_factory=dict)


_MORE = (
    _Switch(
        name=_UNHIDE,
        description=noted("A word or name that is hidden, to be shown again"),
        type=app_commands.Range[str, 1, MAX_HIDDEN],
    ),
    _Switch(name=_NO_HIDE, description=noted("Hide no words or names any more")),
    _Switch(
        name=_RESET,
        description=noted("Take back all that was set; other options given with it are set anew"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsGiven:
    """What somebody gave of these options. ``text``: as it was typed, but for what is hidden.

    ``unhidden``: a word that is to be hidden no more; empty: none.
    """

    asked: RoomSettingsAsked = field(default_factory=RoomSettingsAsked)
    is_reset: bool = False
    text: str = ""
    unhidden: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was given."""
        return not self.text

    def applied(self, before: RoomSettingsAsked, hidden: tuple[str, ...] = ()) -> RoomSettingsAsked:
        """Return what is set then; ``hidden``: the words that are hidden now.

        Raises:
            Refusal: what is to be hidden no more is not hidden.
        """
        after = (RoomSettingsAsked() if self.is_reset else before).changed_by(self.asked)
        if not self.unhidden:
            return after
        left = tuple(one for one in hidden if folded(one) != folded(self.unhidden))
        if len(left) == len(hidden):
            raise Refusal(tr("“{word}” is not hidden here.", word=words.disarmed(self.unhidden)))
        return replace(after, hidden=left)


def takes_settings(command: Takes) -> Takes:
    """Let a command have all these options in place of its parameter ``given``."""
    return takes_options(command, [*OPTIONS, *_MORE], dict)


def given_of(typed: Mapping[str, Any]) -> SettingsGiven:
    """Return what somebody gave.

    Raises:
        Refusal: an option cannot be what was typed.
    """
    named = [one for one in ("hide", _UNHIDE, _NO_HIDE) if _is_given(typed.get(one))]
    if len(named) > 1:
        one, other, *_ = named
        raise Refusal(
            tr("`{one}` and `{other}` cannot both be; leave one of them out.", one=one, other=other)
        )
    asked = {
        one.setting: one.read(typed[one.name]) for one in OPTIONS if typed.get(one.name) is not None
    }
    if typed.get(_NO_HIDE):
        asked["hidden"] = ()
    told = [f"{name}: {_typed(name, value)}" for name, value in typed.items() if _is_given(value)]
    return SettingsGiven(
        asked=RoomSettingsAsked(**asked),
        is_reset=bool(typed.get(_RESET)),
        text=", ".join(told),
        unhidden=typed.get(_UNHIDE) or "",
    )


def _is_given(value: object) -> bool:
    return value is not None and value is not False


def _typed(name: str, value: object) -> str:
    if name in {"hide", _UNHIDE}:
        # The log may be where everybody reads it.
        with speaking(Language.ENGLISH):
            return many(len(words_of(str(value))), "word")
    return str(value).lower()


# Options in a file, as people would type them.


def as_typed(asked: RoomSettingsAsked) -> dict[str, Any]:
    """Return what would be typed to have this set; what is not set is left out.

    Nothing hidden, where the server hides something, is ``None``.
    """
    held = {one.name: getattr(asked, one.name) for one in fields(RoomSettingsAsked)}
    found = {
        one.name: one.written(held[one.setting]) for one in OPTIONS if held[one.setting] is not None
    }
    return found | ({"hide": None} if found.get("hide") == "" else {})


def from_typed(options: Mapping[str, object]) -> SettingsGiven:
    """Return what somebody gave by options in a file; they are all that is set then.

    Raises:
        Refusal: an option is not known, or cannot be what is said there.
    """
    known = {one.name: one for one in OPTIONS}
    typed: dict[str, Any] = {_RESET: True}
    for name, value in options.items():
        if name not in known:
            raise Refusal(tr("There is no option `{name}`.", name=words.disarmed(name)))
        if name == "hide" and value is None:
            typed[_NO_HIDE] = True
        else:
            typed[name] = _checked(known[name], value)
    return given_of(typed)


def _checked(option: SettingOption, value: object) -> object:
    if option.name == "hide":
        # In a file there is a space behind each comma.
        is_right = isinstance(value, str) and 0 < len(value) <= _MAX_TYPED + MOST_HIDDEN
    elif option.name == "min_length":
        is_right = type(value) is int and 0 <= value <= MAX_MIN_LENGTH
    else:
        is_right = isinstance(value, str) and value in option.type.__args__
    if not is_right:
        raise Refusal(
            tr(
                "`{name}` cannot be `{value}`.",
                name=option.name,
                value=words.disarmed(str(value), 50),
            )
        )
    return value


# What is said of them.


def lines(settings: RoomSettings) -> list[str]:
    """Return what is in force, a line each."""
    return [f"- {tr(one.title)}: {one.text(settings)}" for one in OPTIONS]


def changes(before: RoomSettings, after: RoomSettings) -> list[str]:
    """Return what differs, a line each; empty where nothing does."""
    texts = ((tr(one.title), one.text(before), one.text(after)) for one in OPTIONS)
    return [
        tr("- {title}: {new} (before: {old})", title=title, new=new, old=old)
        for title, old, new in texts
        if new != old
    ]


def changed_names(before: RoomSettingsAsked, after: RoomSettingsAsked) -> tuple[str, ...]:
    """Return the names of the options that are set otherwise."""
    return tuple(
        one.name for one in OPTIONS if getattr(before, one.setting) != getattr(after, one.setting)
    )


def small(settings: RoomSettings) -> Iterator[str]:
    """Yield what is not as usual, as ``/video list`` has it, in small letters."""
    usual = RoomSettings()
    told = [
        f"{within_line(tr(one.title))}: {one.text(settings)}"
        for one in OPTIONS
        if getattr(settings, one.setting) != getattr(usual, one.setting)
    ]
    if told:
        yield f"-# {' · '.join(told)}"
