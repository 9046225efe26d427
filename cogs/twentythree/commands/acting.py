"""Acting on comments from rooms: the buttons, menus and modals, which outlive everything.

A ``custom_id`` says which comment is meant, or which reply that waits to be sent. All else is
looked up at each press: whether the server is served, what is attached in the room, and who may.
A reply is a modal, a preview, and then it is sent.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import Any, Self, cast

import discord

from ..domain.acting import MAX_REPLY, Done, Intent
from ..domain.deeds import Action
from ..domain.fields import identity
from ..embeds import said_of
from ..languages import said_in_all, tr
from . import acting_words, doing
from .context import CommandContext
from .doing import here, tell, wanted
from .pressing import Press, button, quote_text, view_of
from .replies import Refusal
from .rights import check_moderator

INPUT = "tt:text"
# A modal must be opened within 3 s; whoever sends it is checked once more.
_PATIENCE_S = 1.5
_MAX_QUESTION = 1000
_MODAL = re.compile(r"tt:reply:(\d{1,20})")
# Those on messages that only ask: the answer takes their place.
_OWN = frozenset({"sure", "send", "drop", "cancel"})
# Those that change nothing before they have waited for the acknowledgement.
_LOOKING = frozenset({"more", "row", "sure"})
_MENU = r"tt:pick:\d{1,3}"


class ReplyModal(discord.ui.Modal):
    """Takes the words of a reply, below the question.

    discord.py need remember nothing of it: what was typed is taken by the cog's listener, which
    takes that of modals from before a restart, too.
    """

    def __init__(self, comment_id: int, question: str) -> None:
        super().__init__(title=tr("Reply"), custom_id=f"tt:reply:{comment_id}")
        if question:
            self.add_item(discord.ui.TextDisplay(question))
        words: discord.ui.TextInput[Any] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            custom_id=INPUT,
            min_length=1,
            max_length=MAX_REPLY,
        )
        seen_by = tr("Visible to everyone who watches")
        self.add_item(discord.ui.Label(text=tr("Your reply"), description=seen_by, component=words))
        self.stop()


async def open_modal(press: Press) -> None:
    """Open the modal, as the first answer to the press."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            await here(press)
    modal = ReplyModal(press.number, _question(press.interaction.message, press.number))
    await press.interaction.response.send_modal(modal)


def _question(message: discord.Message | None, comment_id: int) -> str:
    """Return what a message says of the comment that is answered."""
    if message is None:
        return ""
    embeds = [embed.to_dict() for embed in message.embeds]
    text = said_of(comment_id, embeds, message.content)
    return text if len(text) <= _MAX_QUESTION else f"{text[:_MAX_QUESTION]}…"


async def draft(press: Press, typed: str) -> None:
    """Show what was typed as it would be sent, and ask."""
    held = await here(press)
    text = typed.strip()
    if not text:
        raise Refusal(tr(acting_words.EMPTY))
    if len(text) > MAX_REPLY:
        raise Refusal(acting_words.too_long(len(text)))
    found = await press.context.acting.draft(wanted(press, Action.REPLY, held, text))
    if isinstance(found, Done):
        # What was typed is shown, for nobody else has it.
        await tell(press, Action.REPLY, found, embed=quote_text(text))
    else:
        await _preview(press, found, text)


async def _preview(press: Press, intent: Intent, text: str) -> None:
    send = button(f"tt:send:{intent.intent_id}", tr("Send"), style=discord.ButtonStyle.primary)
    view = view_of(send, button(f"tt:drop:{intent.intent_id}", tr("Cancel")))
    await press.answer(acting_words.preview(intent.name), view=view, embed=quote_text(text))


async def send(press: Press) -> None:
    """Send a reply that was shown.

    Raises:
        Refusal: it is not there any more.
    """
    await check_moderator(press.context, press.interaction)
    done = await press.context.acting.send(press.number, press.interaction.user.id)
    if done is None:
        # Not in the place of what the first of two presses says.
        raise Refusal(tr(acting_words.NO_DRAFT))
    await tell(press, Action.REPLY, done)


async def drop(press: Press) -> None:
    """Drop a reply that was shown.

    Raises:
        Refusal: it is not there any more.
    """
    if not await press.context.acting.drop(press.number, press.interaction.user.id):
        raise Refusal(tr(acting_words.NO_DRAFT))
    await press.answer(tr(acting_words.DROPPED))


def listen_for_presses(context: CommandContext) -> None:
    """Have buttons, menus and modals taken, as one load of the plugin takes them."""

    class Pressed(ActButton, template=_BUTTON):
        _context = context

    class Picked(PickMenu, template=_MENU):
        _context = context

    async def take(interaction: discord.Interaction, custom_id: str, typed: dict[str, str]) -> None:
        if match := _MODAL.fullmatch(custom_id):
            # What is tried again is the modal.
            number = identity(match[1]) or 0
            press = Press(context, interaction, f"tt:act:reply:{match[1]}", number)
            await press.answered(draft(press, typed.get(INPUT, "")))

    context.buttons += [Pressed, Picked]
    context.modals["tt:reply:"] = take


class ActButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"tt:act:"):
    """Any of the buttons that have something done to a comment, or lead there."""

    _context: CommandContext

    def __init__(self, item: discord.ui.Button[Any], what: Action | str, number: int) -> None:
        super().__init__(item)
        self._what = what
        self._number = number

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Return the button that was pressed."""
        what = match["way"] or Action(match["action"])
        return cls(cast("discord.ui.Button[Any]", item), what, identity(match["number"]) or 0)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do what it is for."""
        is_own = self._what in _OWN or self.item.label in said_in_all(acting_words.AGAIN)
        press = Press(self._context, interaction, self.custom_id, self._number, is_own=is_own)
        match self._what:
            case Action.REPLY:
                # A modal opens only as the first answer.
                await press.answered(open_modal(press), is_deferred=False)
            case Action.DELETE:
                await press.answered_beside(doing.ask(press))
            case Action() as action:
                await press.answered_beside(doing.act(press, action))
            case way if way in _LOOKING:
                await press.answered_beside(_WAYS[way](press))
            case way:
                await press.answered(_WAYS[way](press))


class PickMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"tt:pick:"):
    """The menu under a message of several comments."""

    _context: CommandContext

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction, item: discord.ui.Item[Any], __: re.Match[str], /
    ) -> Self:
        """Return the menu that was used."""
        return cls(cast("discord.ui.Select[Any]", item))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show the buttons of the comment that was chosen."""
        (chosen,) = self.item.values
        number = identity(chosen) or 0
        press = Press(self._context, interaction, f"tt:row:{number}", number)
        await press.answered_beside(doing.show_row(press))


async def _delete(press: Press) -> None:
    await doing.act(press, Action.DELETE)


async def _cancel(press: Press) -> None:
    await press.answer(tr(acting_words.CANCELLED))


# What buttons beside those of actions do.
_WAYS = {
    "more": doing.show_rest,
    "row": doing.show_row,
    "sure": _delete,
    "cancel": _cancel,
    "send": send,
    "drop": drop,
}
_BUTTON = (
    rf"tt:(?:act:(?P<action>{'|'.join(Action)})|(?P<way>{'|'.join(_WAYS)})):(?P<number>\d{{1,20}})"
)
