"""Who may act on comments, looked up at each press."""

from __future__ import annotations

import pytest

from cogs.twentythree.domain.barring import Servers
from tests.fakes.pressed import QUESTION, Pressed

PROMOTE = f"tt:act:promote:{QUESTION}"
WITHOUT_ROLE = (
    "You may not act on comments here: that takes Manage Messages in this room, or a role that "
    "`/video moderators` names."
)
WAYS = [PROMOTE, f"tt:act:reply:{QUESTION}", f"tt:act:delete:{QUESTION}"]
WAYS += [f"tt:{way}:{QUESTION}" for way in ("more", "row", "sure", "send")]


@pytest.mark.parametrize("custom_id", WAYS)
async def test_who_may_not_manage_messages_may_not_act(pressed: Pressed, custom_id: str) -> None:
    visitor = pressed.server.member("visitor")

    shown = await pressed.press(custom_id, by=visitor)
    said = shown if shown.ephemeral else await pressed.followup(shown)

    assert said.content == WITHOUT_ROLE
    assert (said.ephemeral, shown.modal) == (True, None)
    assert pressed.server.acting.wanted == []


async def test_the_right_in_this_room_counts_and_no_other(pressed: Pressed) -> None:
    server = pressed.server
    visitor = server.member("visitor")
    server.chat.rooms.set_overwrites(server.room.id, visitor, allow=["manage_messages"])
    server.chat.rooms.set_overwrites(server.room.id, pressed.moderator, deny=["manage_messages"])

    assert await pressed.said(PROMOTE) == WITHOUT_ROLE
    assert await pressed.said(PROMOTE, by=visitor) == "⭐ Promoted."


async def test_where_a_role_is_set_only_those_with_it_act(pressed: Pressed) -> None:
    server = pressed.server
    role = server.chat.guilds.add_role(server.guild.id, "stage")
    helper = server.chat.guilds.add_member(server.guild.id, "helper", roles=[role])
    await server.slash("moderators", role=role.id)

    assert await pressed.said(PROMOTE) == (
        f"You may not act on comments here: that takes the role <@&{role.id}>, which "
        "`/video moderators` names."
    )
    assert await pressed.said(PROMOTE, by=helper) == "⭐ Promoted."


async def test_who_has_lost_the_role_may_not_act_any_more(pressed: Pressed) -> None:
    server = pressed.server
    role = server.chat.guilds.add_role(server.guild.id, "stage")
    helper = server.chat.guilds.add_member(server.guild.id, "helper", roles=[role])
    await server.slash("moderators", role=role.id)
    server.chat.guilds.set_roles(server.guild.id, helper.id, [])

    assert "takes the role" in await pressed.said(PROMOTE, by=helper)


async def test_where_the_role_was_deleted_manage_messages_decides(pressed: Pressed) -> None:
    server = pressed.server
    role = server.chat.guilds.add_role(server.guild.id, "stage")
    helper = server.chat.guilds.add_member(server.guild.id, "helper", roles=[role])
    await server.slash("moderators", role=role.id)
    server.chat.guilds.delete_role(server.guild.id, role.id)

    assert await pressed.said(PROMOTE, by=helper) == WITHOUT_ROLE
    assert await pressed.said(PROMOTE) == "⭐ Promoted."


async def test_who_is_timed_out_does_not_act(pressed: Pressed) -> None:
    server = pressed.server
    role = server.chat.guilds.add_role(server.guild.id, "stage")
    helper = server.chat.guilds.add_member(server.guild.id, "helper", roles=[role])
    await server.slash("moderators", role=role.id)
    server.chat.guilds.time_out(server.guild.id, helper.id)

    said = await pressed.said(PROMOTE, by=helper)

    assert said == "You are timed out in this server, so you may not act on comments now."
    assert server.acting.wanted == []


async def test_while_the_server_is_away_no_role_counts_as_deleted(pressed: Pressed) -> None:
    server = pressed.server
    server.acting.roles[server.guild.id] = 999
    guild = server.host.get_guild(server.guild.id)
    assert guild is not None
    guild.unavailable = True

    assert "takes the role" in await pressed.said(PROMOTE)


async def test_in_a_server_that_is_not_served_nobody_acts(pressed: Pressed) -> None:
    pressed.server.bridge.servers = Servers(frozenset({1}))

    for custom_id in WAYS:
        assert await pressed.said(custom_id) == (
            "This server may not use the workspace: whoever runs the bot must add its ID, "
            f"{pressed.server.guild.id}, to TWENTYTHREE_SERVERS."
        )
    assert pressed.server.acting.wanted == []
