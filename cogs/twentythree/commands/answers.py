"""Replying to a comment from its room: a modal, a preview, and then it is sent."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import discord

from ..domain.acting import MAX_REPLY, Done, Intent
from ..domain.deeds import Action
from ..embeds import said_of
from ..languages import tr
from . import acting_words
from .doing import here, tell, wanted
from .pressing import Press, button, quote_text, view_of
from .replies import Refusal
from .rights import check_moderator

INPUT = "tt:text"
# A modal must be opened within 3 s; whoever sends it is checked once more.
_PATIENCE_S = 1.5
_MAX_QUESTION = 1000


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
