"""What the commands say, as pure text, and what Discord says of them in other languages.

Titles are hostile; Discord's markup is our own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import discord
from discord import app_commands

from ..domain.cards import AtDetach
from ..domain.deeds import LogNotice
from ..domain.following import Follow
from ..domain.model import (
    Attachment,
    BoardNotice,
    CommentNotice,
    Notice,
    ObjectInfo,
    ObjectKind,
    ProgrammeNotice,
)
from ..embeds import escaped, one_line, safe_url
from ..languages import (
    Language,
    customs,
    kept,
    language_of,
    many,
    noted,
    noted_as,
    retold,
    speak,
    speaking,
    tr,
    tr_as,
    tr_many,
)

# https://discord.com/developers/docs/resources/message#create-message-jsonform-params
MAX_CONTENT = 2000
_MAX_TITLE = 100
# A reply holds 2000 characters; an address longer than this is left out.
_MAX_URL = 400
_REFUSALS = {
    "automod": noted("AutoMod blocks its words"),
    "harmful link": noted("Discord holds a link in it to be harmful"),
    "explicit content": noted("Discord holds it to be explicit"),
}
# What Discord says of the option ``cards`` of ``/video detach`` and ``unfollow``.
CARDS = noted("Cards of what is planned or live: deleted, or kept with a note; default: deleted")
_ALL = kept("all live events of the workspace"), kept("all new videos of the workspace")
_SOME = (
    kept("live events in the category “{category}”"),
    kept("new videos in the category “{category}”"),
)
# Of the choices of options: words of one sense, that people choose from a list.
_CHOICE = "choice"
_Location = app_commands.TranslationContextLocation
_DESCRIPTIONS = frozenset(
    {
        _Location.command_description,
        _Location.group_description,
        _Location.parameter_description,
    }
)
# Discord.py asks for each text in each locale, thousands of times before a bot is ready.
_LANGUAGES = {
    locale: language
    for locale in discord.Locale
    if (language := language_of(locale)) is not Language.ENGLISH
}
CHOICES = (
    noted_as("choice", "on"),
    noted_as("choice", "off"),
    noted_as("choice", "all"),
    noted_as("choice", "none"),
    noted_as("choice", "promoted"),
    noted_as("choice", "public"),
    noted_as("choice", "detach"),
    noted_as("choice", "As Discord says it"),
    noted_as("choice", "edit"),
    noted_as("choice", "delete"),
    noted_as("choice", "announce"),
    noted_as("choice", "keep"),
    noted_as("choice", "room"),
    noted_as("choice", "thread"),
    noted_as("choice", "cards"),
    noted_as("choice", "compact"),
    noted_as("choice", "lines"),
    noted_as("choice", "comment"),
    noted_as("choice", "chat"),
    noted_as("choice", "question"),
    noted_as("choice", "comment, chat"),
    noted_as("choice", "comment, question"),
    noted_as("choice", "chat, question"),
    noted_as("choice", "board"),
    noted_as("choice", "speaker"),
    noted_as("choice", "live"),
    noted_as("choice", "videos"),
)


def disarmed(text: str, limit: int = _MAX_TITLE) -> str:
    """Return the text on one line so that Discord shows it as typed: no markup, no mention."""
    return escaped(one_line(text, limit))


def quoted(text: str, limit: int) -> str:
    """Return a text as :func:`disarmed` does, in the quotation marks of the language."""
    return tr("“{text}”", text=disarmed(text, limit))


def label(found: ObjectInfo, limit: int = 100) -> str:
    """Return the object's name for a menu, where Discord reads no markup.

    The title is cut, and not what tells it from others of the same title.
    """
    kind = tr("Live") if found.kind is ObjectKind.LIVE else tr("Video")
    parts = [str(found.object_id)]
    if found.is_on_air:
        parts.append(tr("live now"))
    elif found.at is not None:
        parts.append(_day(found.at))
    if not found.is_public:
        parts.append(tr("private"))
    told = "".join(f" · {part}" for part in parts)
    return one_line(f"{kind}: {found.title}", limit - len(told)) + told


def _day(at: datetime) -> str:
    """Return a day as it is written in short, ``2 Jan 2030``."""
    from babel.dates import format_date  # noqa: PLC0415 - it takes its time, at the start of all

    return format_date(at, "medium", locale=customs())


def link(found: ObjectInfo) -> str:
    """Return the title as a link; as bare text where the address cannot be one."""
    title = disarmed(found.title) or str(found.object_id)
    address = safe_url(found.url)
    if address is None or len(address) > _MAX_URL:
        return title
    return f"[{title}](<{address}>)"


def refusal(reason: str, limit: int) -> str:
    """Return why Discord refused a message."""
    return tr(_REFUSALS.get(reason, "")) or disarmed(retold(reason), limit)


def subject(notice: Notice) -> str:
    """Return what a notice is about, with its link."""
    if isinstance(notice, ProgrammeNotice):
        return tr("the list of planned live events")
    if isinstance(notice, BoardNotice):
        return tr("the board of questions on {title}", title=link(notice.object))
    if isinstance(notice, LogNotice):
        return tr("an entry of the log")
    if not isinstance(notice, CommentNotice):
        return link(notice.object)
    address = safe_url(notice.object.url, fragment=f"comment-{notice.comment.comment_id}")
    what = tr("a comment")
    if address is not None and len(address) <= _MAX_URL:
        what = f"[{what}](<{address}>)"
    return tr("{what} on {title}", what=what, title=link(notice.object))


def room(room_id: int) -> str:
    """Return a reference that Discord shows as the room's name."""
    return f"<#{room_id}>"


def role(role_id: int) -> str:
    """Return a reference that Discord shows as the role's name."""
    return f"<@&{role_id}>"


def when(moment: datetime | None) -> str:
    """Return how long ago that was, kept up to date by Discord."""
    return tr("never") if moment is None else f"<t:{int(moment.timestamp())}:R>"


def moment(at: datetime | None, style: str) -> str:
    """Return a time that Discord shows in each reader's zone; ``style`` is Discord's letter."""
    return tr("a time that is not known") if at is None else f"<t:{int(at.timestamp())}:{style}>"


def attached(shown: Sequence[Attachment]) -> str:
    """Return how many objects are attached, and how often where that is more."""
    objects = len({one.object.object_id for one in shown})
    times = "" if len(shown) == objects else tr(" (attached {count} times)", count=len(shown))
    return many(objects, "object") + times


def cards_left(count: int, cards: AtDetach) -> list[str]:
    """Return, on a line, what becomes of the cards of what was detached."""
    if not count:
        return []
    if cards is AtDetach.DELETE:
        return [
            tr_many(
                "- {count} card of what is planned or live is deleted.",
                "- {count} cards of what is planned or live are deleted.",
                count,
            )
        ]
    return [
        tr_many(
            "- {count} card of what is planned or live will say “No longer followed here”.",
            "- {count} cards of what is planned or live will say “No longer followed here”.",
            count,
        )
    ]


def scope(follow: Follow) -> str:
    """Return what is followed."""
    return _scope(follow, "" if follow.category is None else disarmed(follow.category.title))


def plain_scope(follow: Follow) -> str:
    """Return what is followed, as text that is kept, and disarmed where it is shown."""
    with speaking(Language.ENGLISH):
        return _scope(follow, "" if follow.category is None else follow.category.title)


def _scope(follow: Follow, category: str) -> str:
    is_live = follow.kind is ObjectKind.LIVE
    if follow.category is None:
        all_live, all_videos = _ALL
        return tr(all_live if is_live else all_videos)
    some_live, some_videos = _SOME
    return tr(some_live if is_live else some_videos, category=category)


def overlaps(follow: Follow, others: Iterable[Follow]) -> list[str]:
    """Return, a line each, which follows bring the same objects into the same room."""
    return [
        tr(
            "- Overlaps: the room follows {scope}, too; what both find is attached once.",
            scope=scope(one),
        )
        for one in others
        if (one.room_id, one.kind) == (follow.room_id, follow.kind)
        and one.follow_id != follow.follow_id
        and None in {one.category, follow.category}
    ]


def scope_label(follow: Follow, room_name: str) -> str:
    """Return a follow for a menu, where Discord reads no markup."""
    what = tr("Live events") if follow.kind is ObjectKind.LIVE else tr("Videos")
    where = tr("everywhere") if follow.category is None else follow.category.title
    return one_line(f"{what}: {where} · {room_name}", 100)


def cut(text: str) -> str:
    """Return as much of an answer as Discord takes."""
    return text if len(text) <= MAX_CONTENT else text[: MAX_CONTENT - 1] + "…"


class CommandTranslator(app_commands.Translator):
    """Tells Discord what the commands are called in other languages.

    Their names and those of their options are the same in all, so that people can help each other.
    """

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Return a text in a language; ``None``: it is as in English."""
        language = _LANGUAGES.get(locale)
        if language is None:
            return None
        with speaking(language):
            said = _said(string.message, context.location)
        return None if said == string.message else said


def _said(text: str, location: app_commands.TranslationContextLocation) -> str:
    if location in _DESCRIPTIONS:
        return tr(text)
    return tr_as(_CHOICE, text) if location is _Location.choice_name else text


def speak_with(interaction: discord.Interaction) -> None:
    """Speak the language of whoever gave the command, or pressed, for the rest of this task."""
    speak(language_of(interaction.locale))
