"""``/video test``: what a notice would look like, in its room."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import app_commands

from ..delivery import Chat
from ..domain.model import CommentNotice, GuildId, ObjectInfo, RoomId
from ..domain.room_settings import Manner
from ..embeds import message
from ..languages import noted, speaking, tr
from . import words
from .asking import ask, check_again, is_object_agreed, of_object
from .choices import attached_objects, object_of
from .context import CommandContext
from .replies import Refusal, answering, defer, reason, say
from .room_finder import FAILURES
from .room_option import ChosenRoom, Resolved, RoomOption, check_bot, check_member, chosen_room
from .rules import RulesGiven
from .set_rooms import settings_room
from .words import speak_with

_MARK = noted("**Sample.** This is what notices look like; nothing of it happened.")
_NOT_ALLOWED = noted("Only those who may manage messages here can remove the sample.")


class Remove(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"tt:sample:remove"):
    """The button that takes a sample away again."""

    def __init__(self) -> None:
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=tr("Remove"), style=discord.ButtonStyle.secondary, custom_id="tt:sample:remove"
        )
        super().__init__(button)

    @classmethod
    async def from_custom_id(
        cls, _: discord.Interaction, __: discord.ui.Item[Any], ___: re.Match[str], /
    ) -> Self:
        """Return the button that was pressed."""
        return cls()

    async def callback(self, interaction: discord.Interaction) -> None:
        """Delete the sample, for those who may delete messages there or manage the server."""
        speak_with(interaction)
        may = interaction.permissions
        if not (may.manage_messages or may.manage_guild) or interaction.message is None:
            await say(interaction, tr(_NOT_ALLOWED))
            return
        await interaction.response.defer()
        try:
            await interaction.message.delete()
        except FAILURES as error:
            await say(
                interaction, tr("Discord did not remove the sample: {reason}", reason=reason(error))
            )


def sample(context: CommandContext) -> app_commands.Command[Any, ..., None]:
    """Return the command."""
    context.buttons.append(Remove)

    @app_commands.command(
        name="test", description=noted("Post a sample notice; it mentions nobody")
    )
    @app_commands.rename(reference="id")
    @app_commands.describe(
        reference=noted("An ID, a link, or a title"), room=noted("Where to post it; default: here")
    )
    @context.suggesting(reference=attached_objects(context))
    async def command(
        interaction: discord.Interaction,
        reference: app_commands.Range[str, 1, 400],
        room: app_commands.Transform[Resolved, RoomOption] | None = None,
    ) -> None:
        async with answering(interaction):
            await defer(interaction)
            chosen = await chosen_room(interaction, room)
            check_member(chosen)
            await check_bot(chosen)
            found = await object_of(context, reference)
            target = await place_of(context, chosen, found)
            doubts = await _doubts(context, found, target)

            async def act(answer: discord.Interaction) -> str:
                if doubts:
                    await check_again(chosen, RulesGiven(), answer)
                posted = await post_sample(context, chosen, found)
                return tr(
                    "Posted a sample for {title}: {jump_url}",
                    title=words.link(found),
                    jump_url=posted.jump_url,
                )

            await ask(context, interaction, doubts, act, label=tr("Post anyway"))

    return command


async def _doubts(context: CommandContext, found: ObjectInfo, target: Chat) -> list[str]:
    room_id = RoomId(target.id)
    here = await context.bridge.attachments(room_id=room_id, object_id=found.object_id)
    is_agreed = any(is_object_agreed(one, target) for one in here)
    return [] if is_agreed else of_object(found, room_id)


async def place_of(context: CommandContext, chosen: ChosenRoom, found: ObjectInfo) -> Chat:
    """Return where to post: of a forum, the object's own post; its thread in a room, if any.

    Raises:
        Refusal: it has none there.
    """
    for held in await context.bridge.attachments(object_id=found.object_id):
        opened = chosen.room.guild.get_thread(held.room_id)
        if held.forum_id == chosen.room_id and opened is not None:
            return opened
    if not isinstance(chosen.room, discord.ForumChannel):
        return chosen.room
    raise Refusal(
        tr(
            "{title} has no open post in {room}; attach it there first, or choose another room.",
            title=words.link(found),
            room=words.room(chosen.room_id),
        )
    )


async def post_sample(
    context: CommandContext, chosen: ChosenRoom, found: ObjectInfo
) -> discord.Message:
    """Post what a notice of the object looks like in the room, with the button to remove it.

    Raises:
        Refusal: a forum has no post of it, or Discord did not take it.
    """
    room = await place_of(context, chosen, found)
    settings = await context.bridge.settings.of_server(GuildId(chosen.room.guild.id))
    room_id = settings_room(chosen)
    manner = Manner(layout=settings.in_force(room_id).layout, language=settings.language(room_id))
    with speaking(manner.language):
        sampled = context.bridge.sample(found)
    comments = [one for one in sampled if isinstance(one, CommentNotice)]
    cards = [one for one in sampled if not isinstance(one, CommentNotice)]
    body = message(comments, manner)
    shown = [*body["embeds"], *message(cards, manner)["embeds"]]
    embeds = [discord.Embed.from_dict(embed) for embed in shown]
    view = discord.ui.View(timeout=None)
    with speaking(manner.language):
        mark = tr(_MARK)
        view.add_item(Remove())
    try:
        # The body's own content and mentions are left out: a sample must not ping.
        return await room.send(
            "\n".join(filter(None, (mark, body["content"]))),
            embeds=embeds,
            view=view,
            allowed_mentions=discord.AllowedMentions.none(),
        )
    except FAILURES as error:
        raise Refusal(
            tr(
                "Discord did not take the sample in {room}: {reason}",
                room=words.room(room.id),
                reason=reason(error),
            )
        ) from error
