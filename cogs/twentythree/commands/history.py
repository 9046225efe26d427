"""``/video history``: who did what in a server, the newest first."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self, cast

import discord
from discord import app_commands

from ..domain.acting import Deed, Effect, Entry
from ..domain.deeds import Action
from ..domain.model import GuildId, ObjectId
from ..domain.references import bare, reference_in
from ..embeds import detail_told, with_references
from ..languages import noted, tr
from . import words
from .choices import attached_objects, attachments_of, visible
from .context import CommandContext
from .pressing import Press, button, view_of
from .replies import WORKING, Refusal, answering, defer, say
from .rights import is_moderator, rights_in
from .room_option import guild_of

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
_COUNT = 10
_HEADING = noted("**What was done here**, the newest first")
_STEPS = {"newest": noted("Newest"), "older": noted("Older")}
_NOTHING = noted("Nothing of that was done here, or it is too long ago.")
_TURN = r"tt:history:(?P<object_id>\d{1,20}):(?P<user_id>\d{1,20}):(?P<before>\d{1,20}):[a-z]+"


def entry_line(entry: Entry, *, is_shown: bool, has_words: bool = False) -> str:
    """Return an entry; ``is_shown``: with what it is about, in a room that the reader sees.

    ``has_words``: also with what a viewer, or a reply, has said there.
    """
    who = words.disarmed(entry.actor.name, _MAX_NAME)
    deed = tr(_DEEDS[entry.deed])
    head = "- " + tr("**{name}** {deed}", name=who, deed=deed)
    about = _about(entry, has_words=has_words) if is_shown else [tr(_HIDDEN)]
    effect = tr(_EFFECTS[entry.effect]) if isinstance(entry.deed, Action) else ""
    parts = (head, *about, effect, words.moment(entry.at, "f"))
    return " · ".join(part for part in parts if part)


def _about(entry: Entry, *, has_words: bool) -> list[str]:
    said = words.quoted(entry.text, _MAX_TEXT) if entry.text else ""
    author = words.disarmed(entry.author, _MAX_NAME)
    of_comment = ": ".join(part for part in (author, said) if part) if has_words else ""
    return [
        of_comment or with_references(detail_told(entry.detail), _MAX_DETAIL),
        words.disarmed(entry.object_title, _MAX_TITLE),
        "" if entry.room_id is None else words.room(entry.room_id),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """Which entries are shown: those of an object, and of a person, before an entry; 0: any."""

    object_id: int = 0
    user_id: int = 0
    before: int = 0

    def button(self, step: str, before: int) -> discord.ui.Button[Any]:
        """Return the button that leads to the entries before another one."""
        which = f"{self.object_id}:{self.user_id}:{before}"
        return button(f"tt:history:{which}:{step}", tr(_STEPS[step]))


def history(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    class Turned(HistoryTurn, template=_TURN):
        _context = context

    context.buttons.append(Turned)

    @app_commands.command(name="history", description=noted("Show who did what, the newest first"))
    @app_commands.rename(reference="id")
    @app_commands.describe(
        reference=noted("Only about this: an ID, a link, or a title"),
        by=noted("Only what this person did"),
    )
    @context.suggesting(reference=attached_objects(context))
    async def command(
        interaction: discord.Interaction,
        reference: app_commands.Range[str, 1, 400] | None = None,
        by: discord.User | None = None,
    ) -> None:
        async with answering(interaction, WORKING):
            await defer(interaction)
            guild_of(interaction)
            object_id = 0
            if reference is not None:
                object_id = await _object_id(context, interaction, reference)
            page = HistoryPage(object_id=object_id, user_id=0 if by is None else by.id)
            text, embed, view = await _made(context, interaction, page)
            shown = discord.utils.MISSING if embed is None else embed
            await say(interaction, text, view=view, embed=shown, shows_embeds=True)

    return command


class HistoryTurn(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"tt:history:"):
    """A button that leads to older entries, or back to the newest."""

    _context: CommandContext

    def __init__(self, item: discord.ui.Button[Any], page: HistoryPage) -> None:
        super().__init__(item)
        self._page = page

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the button that was pressed."""
        found = {name: int(number) for name, number in match.groupdict().items()}
        return cls(cast("discord.ui.Button[Any]", item), HistoryPage(**found))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show the page in the place of this one."""
        press = Press(self._context, interaction, self.custom_id, 0, is_own=True)
        await press.answered(_turn(press, self._page))


async def _turn(press: Press, page: HistoryPage) -> None:
    await press.check_user()
    text, embed, view = await _made(press.context, press.interaction, page)
    await press.change(text, view=view, embed=embed)


async def _made(
    context: CommandContext, interaction: discord.Interaction, page: HistoryPage
) -> tuple[str, discord.Embed | None, discord.ui.View]:
    """Return a page, made of what is true now: what it says, and its buttons if any are needed."""
    found = await context.acting.history(
        GuildId(guild_of(interaction).id),
        object_id=ObjectId(page.object_id) if page.object_id else None,
        user_id=page.user_id or None,
        before=page.before or None,
        limit=_COUNT + 1,
    )
    entries = found[:_COUNT]
    buttons = []
    if page.before:
        buttons.append(page.button("newest", 0))
    if len(found) > _COUNT:
        buttons.append(page.button("older", entries[-1].entry_id))
    if not entries:
        return tr(_NOTHING), None, view_of(*buttons)
    lines = await _lines(context, interaction, entries)
    return tr(_HEADING), discord.Embed(description="\n".join(lines)), view_of(*buttons)


async def _lines(
    context: CommandContext, interaction: discord.Interaction, entries: Sequence[Entry]
) -> list[str]:
    rooms = list({one.room_id for one in entries if one.room_id is not None})
    found = await asyncio.gather(*(rights_in(context, interaction, one) for one in rooms))
    rights = dict(zip(rooms, found, strict=True))
    role_id = await context.acting.moderators(GuildId(guild_of(interaction).id))

    def line(entry: Entry) -> str:
        if entry.room_id is None:
            # What is about no room is for all who may ask.
            return entry_line(entry, is_shown=True)
        may = rights[entry.room_id]
        # What was deleted since, or is private, is still quoted there.
        has_words = may is not None and is_moderator(interaction, role_id, may)
        return entry_line(entry, is_shown=may is not None, has_words=has_words)

    return [line(one) for one in entries]


async def _object_id(context: CommandContext, interaction: discord.Interaction, typed: str) -> int:
    """Return the object that is meant; by its ID it need not be attached any more.

    Raises:
        Refusal: nothing that is attached has this title.
    """
    held = await attachments_of(context, await visible(context, interaction), typed)
    if held:
        return held[0].object.object_id
    reference = reference_in(bare(typed))
    if reference is None or reference.object_id is None:
        raise Refusal(tr("Nothing that is attached here has this title; give the ID instead."))
    return reference.object_id
