"""Who may know of, and change, what is attached to a room or followed there."""

from __future__ import annotations

from contextlib import suppress

import discord

from ..domain.following import Follow
from ..domain.model import Attachment, GuildId, RoomId
from ..errors import StorageError
from ..languages import retold, tr
from . import acting_words
from .context import CommandContext, is_timed_out
from .replies import Refusal
from .room_finder import Unseen
from .room_option import check_writer, guild_of, unseen


async def is_visible(
    context: CommandContext, interaction: discord.Interaction, held: Attachment | Follow
) -> bool:
    """Tell whether the member may know of what is attached to, or followed in, a room.

    A room that Discord says is gone hides nothing any more, but the channel that it was in may. A
    private thread is for its members, whom the bot is not told of, so it counts as visible to
    those who manage threads or speak in it now. Where Discord does not tell, the channel decides.
    """
    guild, member = interaction.guild, interaction.user
    if guild is None or not isinstance(member, discord.Member) or guild.id != held.guild_id:
        return False
    if held.room_id == interaction.channel_id:
        return True
    found = await context.rooms.look(guild, held.room_id)
    if isinstance(found, Unseen):
        return _may_see_unseen(guild, member, held, found)
    if isinstance(found, discord.Thread) and found.parent is not None:
        await _note_parent(context, held, found)
    return _may_see(member, found)


async def sees_room(
    context: CommandContext, interaction: discord.Interaction, room_id: RoomId
) -> bool:
    """Tell whether the member may know what was done in a room of the server; see above."""
    return await rights_in(context, interaction, room_id) is not None


async def rights_in(
    context: CommandContext, interaction: discord.Interaction, room_id: RoomId
) -> discord.Permissions | None:
    """Return what the member may do in a room of the server; ``None``: not even know of it.

    Of a room that is gone, what they may do in the channel that it was in; else, in the server.
    """
    guild, member = interaction.guild, interaction.user
    if guild is None or not isinstance(member, discord.Member):
        return None
    if room_id == interaction.channel_id:
        return interaction.permissions
    found = await context.rooms.look(guild, room_id)
    if not isinstance(found, Unseen):
        return found.permissions_for(member) if _may_see(member, found) else None
    if found is not Unseen.GONE:
        return None
    held = await context.bridge.attachments(guild_id=GuildId(guild.id), room_id=room_id)
    if not all(_may_see_unseen(guild, member, one, found) for one in held):
        return None
    parents = [over for one in held if (over := _parent_of(guild, one)) is not None]
    return parents[0].permissions_for(member) if parents else member.guild_permissions


def _may_see(member: discord.Member, room: discord.abc.GuildChannel | discord.Thread) -> bool:
    if isinstance(room, discord.Thread) and room.parent is None:
        return False
    may = room.permissions_for(member)
    if isinstance(room, discord.Thread) and room.is_private():
        return may.view_channel and may.manage_threads
    return may.view_channel


def _may_see_unseen(
    guild: discord.Guild, member: discord.Member, held: Attachment | Follow, why: Unseen
) -> bool:
    parent = _parent_of(guild, held)
    if parent is None:
        return why is Unseen.GONE
    may = parent.permissions_for(member)
    # It may be a private thread, unless it is a post.
    is_post = isinstance(held, Attachment) and held.forum_id is not None
    return may.view_channel and (is_post or why is Unseen.GONE or may.manage_threads)


def _parent_of(guild: discord.Guild, held: Attachment | Follow) -> discord.abc.GuildChannel | None:
    if isinstance(held, Follow):
        return None
    return guild.get_channel(held.forum_id or held.parent_id or 0)


async def _note_parent(
    context: CommandContext, held: Attachment | Follow, thread: discord.Thread
) -> None:
    if isinstance(held, Attachment) and held.parent_id is None:
        # To be noted another time, where the database takes nothing now.
        with suppress(StorageError):
            await context.bridge.note_parent(held.room_id, RoomId(thread.parent_id))


async def check_held(
    context: CommandContext, interaction: discord.Interaction, held: Attachment | Follow
) -> None:
    """Make sure that the member may change what is in the room: the right is that to attach.

    A room that is gone needs none.

    Raises:
        Refusal: they may neither write there themselves nor manage the room.
    """
    if held.room_id == interaction.channel_id:
        check_here(interaction)
        return
    guild, member = guild_of(interaction), interaction.user
    found = await context.rooms.look(guild, held.room_id)
    if found is Unseen.GONE:
        return
    is_thread = isinstance(found, discord.Thread | Unseen)
    over = _parent_of(guild, held) if isinstance(found, Unseen) else found
    is_known = over is not None and not (isinstance(over, discord.Thread) and over.parent is None)
    if over is None or not is_known or not isinstance(member, discord.Member):
        raise unseen(held.room_id)
    check_writer(held.room_id, over.permissions_for(member), is_thread=is_thread)


def check_shown(held: Attachment) -> None:
    """Make sure that its object may be shown where it is attached: buttons outlive that.

    Raises:
        Refusal: it turned private since, and nobody has agreed to show it there.
    """
    if held.bar is not None and held.bar.hides_object and held.pause is not None:
        raise Refusal(retold(held.pause.reason))


def check_here(interaction: discord.Interaction) -> None:
    """Make sure that the member may write, or manage the room, where the command is given.

    Raises:
        Refusal: they may not.
    """
    is_thread = isinstance(interaction.channel, discord.Thread)
    check_writer(interaction.channel_id or 0, interaction.permissions, is_thread=is_thread)


async def check_moderator(context: CommandContext, interaction: discord.Interaction) -> None:
    """Make sure that the member may act on comments in the room.

    That is for who has the server's role for it; for who may manage messages in the room where
    there is no such role, or not any more.

    Raises:
        Refusal: they may not.
    """
    guild = guild_of(interaction)
    check_role_of(interaction, await context.acting.moderators(GuildId(guild.id)))


def check_role_of(interaction: discord.Interaction, role_id: int | None) -> None:
    """Make sure of the same, where the server's role for it is known.

    Raises:
        Refusal: they may not.
    """
    if is_timed_out(interaction.user):
        raise Refusal(tr(acting_words.TIMED_OUT))
    if not is_moderator(interaction, role_id, interaction.permissions):
        is_set = _is_role_there(guild_of(interaction), role_id)
        raise Refusal(acting_words.not_moderator(role_id if is_set else None))


def is_moderator(
    interaction: discord.Interaction, role_id: int | None, may: discord.Permissions
) -> bool:
    """Tell whether the member is a moderator of a room, where they have the permissions ``may``.

    ``role_id``: the server's role for it. Who is timed out is none.
    """
    member = interaction.user
    if is_timed_out(member):
        return False
    if _is_role_there(guild_of(interaction), role_id):
        return isinstance(member, discord.Member) and member.get_role(role_id or 0) is not None
    return may.manage_messages


def _is_role_there(guild: discord.Guild, role_id: int | None) -> bool:
    # Of a server that is away for a while no roles are known.
    return role_id is not None and (guild.unavailable or guild.get_role(role_id) is not None)
