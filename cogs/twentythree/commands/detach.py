"""``/video detach``: an object out of a room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import discord
from discord import app_commands

from ..domain.acting import Deed
from ..domain.cards import AtDetach
from ..domain.model import Attachment, RoomId
from ..domain.places import PostingPlace
from ..domain.references import bare
from ..languages import listed, many, noted, tr
from ..storage import Detached
from . import words
from .asking import ask
from .choices import attachments_of, detachable, is_in, split, visible
from .context import CommandContext
from .noting import note
from .replies import WORKING, Refusal, answering, defer, say
from .rights import check_held
from .room_finder import Unseen
from .room_option import Resolved, RoomOption, check_seen, guild_of

# How many objects an answer names.
_MOST_NAMED = 8


def detach(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(
        name="detach", description=noted("Stop posting about an object in a room")
    )
    @app_commands.rename(reference="id")
    @app_commands.describe(
        reference=noted(
            "What to detach: an ID, a link, or a title; default: all that is in the room"
        ),
        room=noted("From where; default: here"),
        cards=words.CARDS,
    )
    @context.suggesting(reference=detachable(context))
    async def command(
        interaction: discord.Interaction,
        reference: app_commands.Range[str, 1, 400] | None = None,
        room: app_commands.Transform[Resolved, RoomOption] | None = None,
        cards: Literal["delete", "keep"] = "delete",
    ) -> None:
        async with answering(interaction, WORKING):
            await defer(interaction)
            check_seen(room)
            shown = await visible(context, interaction)
            if not shown:
                raise Refusal(tr("Nothing is attached in this server."))
            room_id = None if room is None else RoomId(room.id)
            whole = await _whole(context, interaction, shown, reference, room_id)
            if whole:
                await _ask_for_all(context, interaction, whole, AtDetach(cards))
                return
            given = reference or ""
            _, named = split(given)
            attachment = await _pick(
                context, shown, given, room_id or named or interaction.channel_id
            )
            await check_held(context, interaction, attachment)
            text = await _detached(context, interaction, [attachment], AtDetach(cards))
            await say(interaction, text)

    return command


async def _whole(
    context: CommandContext,
    interaction: discord.Interaction,
    shown: Sequence[Attachment],
    reference: str | None,
    room_id: RoomId | None,
) -> list[Attachment]:
    """Return all that is in a room, where a room is meant and no object: one that is gone by ID.

    Raises:
        Refusal: neither is named, or there is nothing in the room.
    """
    if reference is None:
        if room_id is None:
            raise Refusal(
                tr(
                    "Name what to detach with the option `id`, or a whole room with the option "
                    "`room`."
                )
            )
        here = [attachment for attachment in shown if is_in(attachment, room_id)]
        if not here:
            raise Refusal(
                tr(
                    "Nothing is attached to {room}; `/video list` shows what is where.",
                    room=words.room(room_id),
                )
            )
        return here
    meant = [one for one in shown if str(one.room_id) == bare(reference)]
    if not meant:
        return []
    found = await context.rooms.look(guild_of(interaction), meant[0].room_id)
    return meant if found is Unseen.GONE else []


async def _ask_for_all(
    context: CommandContext,
    interaction: discord.Interaction,
    held: Sequence[Attachment],
    cards: AtDetach,
) -> None:
    """Ask once, and detach all of these."""
    one_of_each = {one.room_id: one for one in held}.values()

    async def check(given: discord.Interaction) -> None:
        for one in one_of_each:
            await check_held(context, given, one)

    async def act(answer: discord.Interaction) -> str:
        # Rights may have changed since the question.
        await check(answer)
        return await _detached(context, answer, held, cards)

    await check(interaction)

    titles = [words.link(one.object) for one in held[:_MOST_NAMED]]
    if len(held) > _MOST_NAMED:
        titles.append(tr("{count} more", count=len(held) - _MOST_NAMED))
    question = tr(
        "This takes out all that is in {room}: {titles}.",
        room=words.room(held[0].forum_id or held[0].room_id),
        titles=listed(titles),
    )
    await ask(context, interaction, [question], act, label=tr("Detach all"))


async def _detached(
    context: CommandContext,
    interaction: discord.Interaction,
    held: Sequence[Attachment],
    cards: AtDetach,
) -> str:
    """Detach these, and return what to say."""
    lines, count = [], 0
    for one in held:
        gone = await context.bridge.detach(one.room_id, one.object.object_id, cards)
        if gone is not None:
            await note(context, interaction, Deed.DETACH, room_id=one.room_id, about=one.object)
        done = gone or Detached(attachment=one)
        count += done.cards
        lines.append(
            tr(
                "Detached {title} from {room}.",
                title=words.link(one.object),
                room=words.room(one.room_id),
            )
        )
    lines = [
        *lines[:_MOST_NAMED],
        *_rest(len(lines) - _MOST_NAMED),
        *words.cards_left(count, cards),
    ]
    opened = [one for one in held if one.forum_id is not None]
    if opened:
        is_thread = all(one.rules.place is PostingPlace.THREAD for one in opened)
        lines.append(_left(len(opened), is_thread=is_thread))
    return "\n".join(lines)


def _left(count: int, *, is_thread: bool) -> str:
    if is_thread and count > 1:
        return tr("- The threads stay; delete them if nobody needs them.")
    if count > 1:
        return tr("- The posts stay; delete them if nobody needs them.")
    if is_thread:
        return tr("- Its thread stays; delete it if nobody needs it.")
    return tr("- Its post stays; delete it if nobody needs it.")


def _rest(count: int) -> list[str]:
    return [tr("- and {objects}", objects=many(count, "more object"))] if count > 0 else []


async def _pick(
    context: CommandContext, shown: Sequence[Attachment], reference: str, room_id: int | None
) -> Attachment:
    """Return the one attachment that is meant.

    Raises:
        Refusal: there is none, or more than one.
    """
    here = [attachment for attachment in shown if is_in(attachment, room_id)]
    meant = await attachments_of(context, here, reference)
    if len(meant) == 1:
        return meant[0]
    where = words.room(room_id or 0)
    if meant:
        raise Refusal(tr("That fits more than one object in {where}; give the ID.", where=where))
    if elsewhere := await attachments_of(context, shown, reference):
        rooms = listed([words.room(attachment.room_id) for attachment in elsewhere[:5]])
        raise Refusal(
            tr(
                "{title} is not attached to {where} but to {rooms}; name the room with the "
                "option `room`.",
                title=words.link(elsewhere[0].object),
                where=where,
                rooms=rooms,
            )
        )
    if not here:
        raise Refusal(
            tr("Nothing is attached to {where}; `/video list` shows what is where.", where=where)
        )
    raise Refusal(
        tr("This is not attached to {where}; choose one of the suggestions.", where=where)
    )
