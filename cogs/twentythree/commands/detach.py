"""``/video detach``: an object out of a room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands

from ..relay.model import Attachment
from . import words
from .choices import attached, attachments_of, is_in, split, visible
from .desk import Desk
from .places import Chosen, RoomOption
from .replies import Refusal, answering, defer, say
from .rights import check_held


def detach(desk: Desk) -> app_commands.Command[Any, ..., None]:
    """Return the command."""

    @app_commands.command(name="detach", description="Stop posting about an object in a room")
    @app_commands.rename(reference="id")
    @app_commands.describe(
        reference="What to detach: an ID, a link, or a title", room="From where; default: here"
    )
    @desk.suggesting(reference=attached(desk))
    async def command(
        interaction: discord.Interaction,
        reference: app_commands.Range[str, 1, 400],
        room: app_commands.Transform[Chosen, RoomOption] | None = None,
    ) -> None:
        async with answering(interaction):
            await defer(interaction)
            _, named = split(reference)
            room_id = room.id if room is not None else named or interaction.channel_id
            shown = await visible(desk, interaction)
            attachment = await _pick(desk, shown, reference, room_id)
            await check_held(desk, interaction, attachment)
            gone = await desk.bridge.detach(attachment.room_id, attachment.object.object_id)
            await say(interaction, _reply(gone or attachment))

    return command


async def _pick(
    desk: Desk, shown: Sequence[Attachment], reference: str, room_id: int | None
) -> Attachment:
    """Return the one attachment that is meant.

    Raises:
        Refusal: there is none, or more than one.
    """
    if not shown:
        raise Refusal("Nothing is attached in this server.")
    here = [attachment for attachment in shown if is_in(attachment, room_id)]
    meant = await attachments_of(desk, here, reference)
    if len(meant) == 1:
        return meant[0]
    where = words.room(room_id or 0)
    if meant:
        raise Refusal(f"That fits more than one object in {where}; give the ID.")
    if elsewhere := await attachments_of(desk, shown, reference):
        rooms = words.listed([words.room(attachment.room_id) for attachment in elsewhere[:5]])
        raise Refusal(
            f"{words.link(elsewhere[0].object)} is not attached to {where} but to {rooms}; "
            "name the room with the option `room`."
        )
    if not here:
        raise Refusal(f"Nothing is attached to {where}; `/video list` shows what is where.")
    raise Refusal(f"This is not attached to {where}; choose one of the suggestions.")


def _reply(gone: Attachment) -> str:
    text = f"Detached {words.link(gone.object)} from {words.room(gone.room_id)}."
    if gone.forum_id is not None:
        text += " Its post stays; delete it if nobody needs it."
    return text
