"""The table of permissions in ``/video setup``: each that is missing, and what grants it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import discord
import pytest

from cogs.twentythree import WANTED
from sandbox.chat import Channel, ChannelType, Role, permissions
from tests.fakes.server import Server
from tests.fakes.walked import Walker, walked

# What discord.py calls it, what people do, and in which kind of room it is needed.
NEEDED = [
    ("view_channel", "View Channel", ChannelType.TEXT),
    ("send_messages", "Send Messages", ChannelType.TEXT),
    ("embed_links", "Embed Links", ChannelType.TEXT),
    ("send_messages", "Create Posts", ChannelType.FORUM),
    ("send_messages_in_threads", "Send Messages in Threads", ChannelType.FORUM),
    ("connect", "Connect", ChannelType.VOICE),
]
EXACTLY = [(flag, name, kind) for flag, name, kind in NEEDED if flag != "view_channel"]


async def in_room(server: Server, kind: ChannelType) -> tuple[Walker, Channel]:
    room = server.chat.rooms.add_channel(server.guild.id, "stage", kind)
    # Who owns the server may do all, whatever the roles grant.
    return await walked(server, server.chat.owner, kind="a", public=room.id), room


def withhold(server: Server, flag: str) -> None:
    """Take a permission from the bot's role, and from what all have."""
    guilds, guild = server.chat.guilds, server.guild
    for role in (guild.everyone, *guilds.bot_roles(guild.id)):
        left = set(permissions.names(role.permissions)) - {flag}
        guilds.set_role(guild.id, role.id, granted=left)


def asked_for(walker: Walker) -> discord.Permissions:
    """Return what the page's link asks for."""
    link = walker.link()
    assert link is not None
    query = parse_qs(urlsplit(link).query)
    assert query["guild_id"] == [str(walker.server.guild.id)]
    assert query["disable_guild_select"] == ["true"]
    return discord.Permissions(int(query["permissions"][0]))


async def test_where_nothing_is_missing_nothing_is_to_be_granted(server: Server) -> None:
    walker = await walked(server, kind="a", public=server.room.id)

    said = await walker.go("rights")

    assert (
        f"- <#{server.room.id}>: ✅ View Channel · ✅ Embed Links · ✅ Send Messages · "
        "✅ Read Message History\n"
    ) in said
    assert "❌" not in said
    assert walker.link() is None


@pytest.mark.parametrize(("flag", "name", "kind"), EXACTLY, ids=[one[1] for one in EXACTLY])
async def test_each_permission_that_the_role_lacks_is_told_and_the_link_grants_it(
    server: Server, flag: str, name: str, kind: ChannelType
) -> None:
    walker, room = await in_room(server, kind)
    withhold(server, flag)

    said = await walker.go("rights")

    assert f"❌ {name}" in said
    assert f"The bot's role lacks {name}" in said
    assert getattr(asked_for(walker), flag)
    assert asked_for(walker).value & WANTED.value == WANTED.value
    assert f"The bot cannot post in <#{room.id}>: it lacks {name}" in await walker.press("done")
    assert await server.followed() == []


@pytest.mark.parametrize(("flag", "name", "kind"), NEEDED, ids=[one[1] for one in NEEDED])
async def test_each_permission_that_the_room_takes_away_is_told_with_the_room(
    server: Server, flag: str, name: str, kind: ChannelType
) -> None:
    walker, room = await in_room(server, kind)
    server.chat.rooms.set_overwrites(room.id, server.chat.bot, deny=[flag])

    said = await walker.go("rights")

    assert said.count("❌") == 1
    assert f"The room itself takes away {name}" in said
    assert f"in the settings of <#{room.id}>, under Permissions." in said
    assert walker.link() is None
    assert name in await walker.press("done")
    assert await server.followed() == []


async def test_a_history_that_cannot_be_read_is_told_and_does_not_stop_anything(
    server: Server,
) -> None:
    walker = await walked(server, kind="a", public=server.room.id)
    withhold(server, "read_message_history")

    assert "❌ Read Message History" in await walker.go("rights")
    assert (await walker.press("done")).startswith("Follows all live events")


async def test_a_role_that_the_bot_cannot_mention_is_told(server: Server) -> None:
    fans = server.chat.guilds.add_role(server.guild.id, "fans")
    walker = await walked(server, kind="a", public=server.room.id, mention=fans.id)

    assert f"❌ Mention Everyone, for <@&{fans.id}>" in await walker.go("rights")
    assert asked_for(walker).mention_everyone
    assert "The bot cannot mention" in await walker.press("done")
    server.chat.guilds.set_role(server.guild.id, fans.id, is_mentionable=True)

    assert "Mention Everyone" not in await walker.go("what")
    assert "Mention Everyone" not in await walker.go("rights")


async def test_what_was_granted_meanwhile_shows_at_the_next_press(server: Server) -> None:
    walker, room = await in_room(server, ChannelType.TEXT)
    server.chat.rooms.set_overwrites(room.id, server.chat.bot, deny=["send_messages"])
    await walker.go("rights")
    server.chat.rooms.set_overwrites(room.id, server.chat.bot)

    await walker.go("what")
    assert "❌" not in await walker.go("rights")


async def test_everybody_is_no_role_to_choose(server: Server) -> None:
    walker = await walked(server, kind="a", public=server.room.id)
    await walker.go("whom")
    everyone: Role = server.guild.everyone

    for action in ("mention", "moderators"):
        assert "That is everybody" in await walker.choose(action, everyone.id)
        assert getattr(walker.state, action) is None
