"""The languages that people are spoken to in, and how a text comes into one of them.

English is written in the code and is the key to all others, which are in gettext catalogues, made
by Babel: ``catalogues/<language>/LC_MESSAGES/twentythree.po``, or what is compiled of it. Where
there is none, or it lacks a text, people read English. All that is shown is in the language that is
*spoken* just then: English, unless the task or the block around says otherwise. Logs, and what
whoever runs the bot reads on a terminal, are English.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.lists import format_list
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal


class Language(StrEnum):
    """A language, by its code."""

    ENGLISH = "en"
    DANISH = "da"
    GERMAN = "de"
    SWEDISH = "sv"


CATALOGUES = Path(__file__).with_name("catalogues")
DOMAIN = "twentythree"
# Of which lists and numbers are, where that differs from the code.
_CUSTOMS = {Language.ENGLISH: "en_GB"}
_IN_LIST = re.compile(r", | and ")
# What a catalogue that is not there, or torn, raises.
_UNREADABLE = (OSError, ValueError, struct.error)
# A text of fewer letters could be anything. What is longer than all that is kept is from elsewhere;
# to look for facts in it takes as long as its length squared.
_KNOWABLE = 7
_MOST_KEPT = 1_000
_PLACE = re.compile(r"\\\{(\w+)\\\}")

_BY_CODE = {one.value: one for one in Language}

_spoken: ContextVar[Language] = ContextVar("language", default=Language.ENGLISH)


def language_of(locale: object) -> Language:
    """Return the language of a locale as Discord names it, ``sv-SE``; English where it is none."""
    return _BY_CODE.get(str(locale or "").partition("-")[0], Language.ENGLISH)


def spoken() -> Language:
    """Return the language that is spoken here and now."""
    return _spoken.get()


def speak(language: Language) -> None:
    """Speak a language for the rest of this task, and in those that it begins."""
    _spoken.set(language)


@contextmanager
def speaking(language: Language) -> Generator[None]:
    """Speak a language within this block."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def noted(text: str) -> str:
    """Return an English text as it is; by this mark it is found, to be said with :func:`tr`."""
    return text


def noted_as(sense: str, text: str) -> str:  # noqa: ARG001 - Babel reads it
    """Return an English text as it is, to be said in one of its senses with :func:`tr_as`."""
    return text


def kept(text: str) -> str:
    """Return as it is an English text that is stored or raised, to be said with :func:`retold`."""
    return text


def tr(text: str, /, **values: object) -> str:
    """Say an English text in the language that is spoken; ``values`` are what its places hold."""
    language = _spoken.get()
    said = text if language is Language.ENGLISH or not text else _catalogue(language).gettext(text)
    return said.format(**values) if values else said


def tr_as(sense: str, text: str) -> str:
    """Say an English text, in one of its senses, in the language that is spoken."""
    language = _spoken.get()
    return text if language is Language.ENGLISH else _catalogue(language).pgettext(sense, text)


def said_in_all(text: str, sense: str = "") -> frozenset[str]:
    """Return an English text (in one of its senses) in all languages, to know it again."""
    found = set()
    for language in Language:
        with speaking(language):
            found.add(tr_as(sense, text) if sense else tr(text))
    return frozenset(found)


def tr_many(one: str, many: str, count: int, /, **values: object) -> str:
    """Say one of two English texts, by ``count``, which is the place ``{count}`` of both."""
    language = _spoken.get()
    if language is Language.ENGLISH:
        said = one if count == 1 else many
    else:
        said = _catalogue(language).ngettext(one, many, count)
    return said.format(count=count, **values)


def retold(said: str) -> str:
    """Say in the language that is spoken what was kept in English, facts included.

    What was not kept by this version, or comes from elsewhere, stays as it is.
    """
    if _spoken.get() is Language.ENGLISH or not said or len(said) > _MOST_KEPT:
        return said
    if (told := tr(said)) != said:
        return told
    for texts, pattern in _patterns(_spoken.get()):
        if match := pattern.fullmatch(said):
            return _retold(texts, match.groupdict())
    return said


def _fact(said: str) -> str:
    """Say a fact that was kept, or a list of such."""
    if (told := retold(said)) != said:
        return told
    parts = _IN_LIST.split(said)
    found = [tr(one) for one in parts]
    return said if len(parts) == 1 or found == parts else listed(found)


def _retold(texts: tuple[str, ...], found: dict[str, str]) -> str:
    # What stands in quotation marks are words of people, whatever they happen to be.
    facts = {
        name: fact if f"“{{{name}}}”" in texts[0] else _fact(fact) for name, fact in found.items()
    }
    if len(texts) == 1:
        return tr(texts[0], **facts)
    one, many = texts
    return tr_many(one, many, int(facts.pop("count")), **facts)


def listed(words: Sequence[str]) -> str:
    """Return ``a``, ``a and b``, ``a, b and c``."""
    return format_list(words, locale=customs())


def within_line(title: str) -> str:
    """Return a title as it stands within a line: German has its nouns with a capital anywhere."""
    return title if _spoken.get() is Language.GERMAN else title.lower()


def number(value: float) -> str:
    """Return a number as it is written, ``2.5``."""
    return format_decimal(value, locale=customs(), group_separator=False)


def customs() -> str:
    """Return the locale of what is not said but written in a way: lists, numbers, days."""
    language = _spoken.get()
    return _CUSTOMS.get(language, language.value)


@cache
def _patterns(language: Language) -> list[tuple[tuple[str, ...], re.Pattern[str]]]:
    """Return a catalogue's texts with facts in them, and how they are known; the longest first.

    Of a text that is counted, both forms are one.
    """
    try:
        known = read_mo(BytesIO(_compiled(_written(language))))
    except _UNREADABLE:
        return []
    texts = [(one.id,) if isinstance(one.id, str) else tuple(one.id) for one in known]
    found = [(forms, form) for forms in texts for form in forms if _is_known_by(forms, form)]
    found.sort(key=lambda one: len(one[1]), reverse=True)
    return [(forms, _pattern(form, is_counted=len(forms) > 1)) for forms, form in found]


def _is_known_by(forms: tuple[str, ...], form: str) -> bool:
    letters = re.sub(r"\{\w+\}|\W", "", form)
    return "{" in form and (len(forms) > 1 or len(letters) >= _KNOWABLE)


def _pattern(text: str, *, is_counted: bool) -> re.Pattern[str]:
    """Return how a text is known that holds facts, and which.

    A fact ends where the words after it stand first. They are looked for once, unless what comes
    next may stand elsewhere: else a text of such words alone takes the third power of its length.
    """
    first, *rest = _PLACE.split(re.escape(text))
    facts = list(zip(rest[::2], rest[1::2], strict=True))
    names = [name for name, _ in facts]
    made = first
    for at, (name, words) in enumerate(facts):
        what = r"\d+" if is_counted and name == "count" else ".+?"
        fact = f"(?P={name})" if name in names[:at] else f"(?P<{name}>{what})"
        after = names[at + 1 : at + 2]
        is_free = bool(after) and after[0] not in names[: at + 1]
        is_once = is_free and bool(words) and not (is_counted and after[0] == "count")
        made += f"(?>{fact}{words})" if is_once else f"{fact}{words}"
    return re.compile(made, re.DOTALL)


@cache
def _catalogue(language: Language) -> NullTranslations:
    """Read a catalogue: compiled, or as it is written where that is newer; else there is none."""
    try:
        return GNUTranslations(BytesIO(_compiled(_written(language))))
    except _UNREADABLE:
        return NullTranslations()


def _written(language: Language) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def _compiled(written: Path) -> bytes:
    made = written.with_suffix(".mo")
    if made.exists() and not (written.exists() and _changed_at(written) > _changed_at(made)):
        return made.read_bytes()
    out = BytesIO()
    with written.open("rb") as file:
        write_mo(out, read_po(file))
    return out.getvalue()


def _changed_at(path: Path) -> int:
    return path.stat().st_mtime_ns


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
