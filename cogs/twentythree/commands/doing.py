"""What is done about a comment from its room, and how what came of it is told."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import discord

from ..domain.acting import NOT_THERE, Absence, Done, Effect, WantedAction
from ..domain.deeds import Action
from ..domain.model import Attachment, Comment, CommentId, GuildId, RoomId
from ..embeds import buttons, rare_buttons
from ..languages import retold, tr
from . import acting_words
from .noting import actor_of
from .pressing import Press, again, button, made, quote, view_of
from .replies import Refusal
from .rights import check_role_of, check_shown
from .room_finder import FAILURES
from .room_option import guild_of

# Discord takes edits of an answer for 15 minutes; some of them have passed by then.
_LONGEST_S = 780.0


async def here(press: Press) -> Attachment:
    """Return the attachment by which the comment is acted on in this room.

    Raises:
        Refusal: there is none any more, or what it shows may not be shown any more; actions are
            off, or the member may not act.
        WorkspaceError: a comment that is not known could not be asked for.
    """
    room_id = RoomId(press.interaction.channel_id or 0)
    guild_id = GuildId(guild_of(press.interaction).id)
    found = await press.context.acting.standpoint(guild_id, room_id, CommentId(press.number))
    if found.held is not None and not found.held.rules.has_actions:
        raise Refusal(tr(acting_words.OFF))
    check_role_of(press.interaction, found.moderators_role_id)
    held = found.held or await _looked_for(press, room_id)
    check_shown(held)
    return held


async def _looked_for(press: Press, room_id: RoomId) -> Attachment:
    """Return the attachment of a comment that only the workspace may know; see above."""
    held = await press.context.acting.look_for(room_id, CommentId(press.number))
    if held is Absence.COMMENT:
        raise Refusal(retold(NOT_THERE))
    if held is Absence.OBJECT:
        raise Refusal(tr(acting_words.NOT_HERE))
    if not held.rules.has_actions:
        raise Refusal(tr(acting_words.OFF))
    return held


def wanted(press: Press, action: Action, held: Attachment, text: str = "") -> WantedAction:
    """Return what somebody wants done to the comment."""
    return WantedAction(
        action=action,
        guild_id=held.guild_id,
        room_id=held.room_id,
        object_id=held.object.object_id,
        comment_id=CommentId(press.number),
        actor=actor_of(press.interaction),
        text=text,
    )


async def act(press: Press, action: Action) -> None:
    """Have it done: all that makes no text and needs no question."""
    acting = press.context.acting
    if not _may_have_right(press):
        # The workspace is not asked for just anybody.
        held = await here(press)
        done = await acting.act(wanted(press, action, held), press.acknowledged)
    else:
        async with acting.reading(CommentId(press.number)) as sighting:
            sighting.held = held = await here(press)
            done = await acting.act(wanted(press, action, held), press.acknowledged, sighting)
    # The rooms that were woken by it come first.
    await asyncio.sleep(0)
    await tell(press, action, done)


def _may_have_right(press: Press) -> bool:
    """Tell whether somebody may turn out to be a moderator, as far as is told with the press."""
    member = press.interaction.user
    has_role = isinstance(member, discord.Member) and len(member.roles) > 1
    return has_role or press.interaction.permissions.manage_messages


async def ask(press: Press) -> None:
    """Ask before a comment is deleted, and quote it."""
    held, comment = await _read(press)
    view = view_of(
        button(f"tt:sure:{comment.comment_id}", tr("Delete"), style=discord.ButtonStyle.danger),
        button(f"tt:cancel:{comment.comment_id}", tr("Cancel")),
    )
    await press.answer(tr(acting_words.SURE), view=view, embed=quote(comment, held))


async def show_row(press: Press) -> None:
    """Show a comment with its buttons."""
    held, comment = await _read(press)
    view = view_of(*made(buttons(comment)))
    await press.answer(tr(acting_words.PICKED), view=view, embed=quote(comment, held))


async def show_rest(press: Press) -> None:
    """Show a comment with the buttons that are rare."""
    held, comment = await _read(press)
    view = view_of(*made(rare_buttons(comment)))
    await press.answer(tr(acting_words.MORE), view=view, embed=quote(comment, held))


async def _read(press: Press) -> tuple[Attachment, Comment]:
    """Return the comment as the workspace has it now.

    Raises:
        Refusal: it is gone, or as :func:`here`.
        WorkspaceError: it could not be read.
    """
    held, acting = await here(press), press.context.acting
    comment_id = CommentId(press.number)
    comment = await acting.comment(comment_id)
    if comment is None:
        was_there = await acting.was_confirmed(held.object.object_id, comment_id)
        raise Refusal(tr(acting_words.GONE) if was_there else retold(NOT_THERE))
    return held, comment


async def tell(
    press: Press, action: Action, done: Done, *, embed: discord.Embed = discord.utils.MISSING
) -> None:
    """Say what came of an action; where that is not known yet, once more as soon as it is."""
    if done.effect is Effect.UNKNOWN and done.intent_id is not None:
        # At once: it may be known before anything can be said.
        known = asyncio.create_task(press.context.acting.known(done.intent_id, _LONGEST_S))
        press.context.later(_tell_later(press, action, known))
        return
    text, view = _outcome(press, action, done)
    await press.answer(text, view=view, embed=embed)


async def _tell_later(press: Press, action: Action, known: asyncio.Task[Done | None]) -> None:
    with suppress(*FAILURES, RuntimeError):
        try:
            await press.answer(tr(acting_words.UNKNOWN))
            done = await known
        except asyncio.CancelledError:
            # The plugin ends, and nobody will change what this message says.
            await press.change(tr(acting_words.NEVER_KNOWN))
            raise
        finally:
            known.cancel()
        if done is None:
            await press.change(tr(acting_words.NEVER_KNOWN))
        else:
            text, view = _outcome(press, action, done)
            await press.change(text, view=view)


def _outcome(press: Press, action: Action, done: Done) -> tuple[str, discord.ui.View | None]:
    text = acting_words.outcome(action, done, press.interaction.user.id)
    return text, again(press.custom_id) if done.effect is Effect.NOT_DONE else None
