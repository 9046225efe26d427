"""Who may use ``/video``: as Discord and a server's administrators have it, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from cogs.twentythree.domain.acting import Deed
from sandbox.chat import NotOfferedError, Reply, User
from tests.fakes.server import Server
from tests.fakes.walked import Walker, walked


def command_id(server: Server) -> int:
    return int(server.chat.commands(server.guild.id)[0]["id"])


async def may_press(server: Server, who: User) -> bool:
    """Tell whether somebody who was once let in to the walk may go on with it."""
    server.chat.guilds.let_in(server.guild.id, who)
    walker = await Walker.begin(server, who)
    server.chat.guilds.let_in(server.guild.id, who, is_let_in=False)
    return "manages the server" not in await walker.choose("kind", "a")


async def test_who_manages_no_server_is_not_offered_the_commands(server: Server) -> None:
    moderator = server.member("mo", "manage_messages")

    with pytest.raises(NotOfferedError):
        await server.slash("list", by=moderator)


async def test_moderators_who_were_let_in_read_what_they_may_see(server: Server) -> None:
    crew = server.chat.guilds.add_role(server.guild.id, "crew", ["manage_messages"])
    moderator = server.chat.guilds.add_member(server.guild.id, "mo", roles=[crew])
    server.chat.guilds.let_in(server.guild.id, crew, command_id(server))
    hidden = server.chat.rooms.add_channel(server.guild.id, "board")
    server.chat.rooms.set_overwrites(hidden.id, crew, deny=["view_channel"])
    await server.slash("attach", id_="1")
    await server.slash("attach", id_="2", room=hidden.id)

    listed = await server.slash("list", by=moderator)
    status = await server.slash("status", by=moderator)
    history = await server.reply("history", by=moderator)

    assert f"in <#{server.room.id}>" in listed
    assert f"<#{hidden.id}>" not in listed + status
    assert "Attached in this server: 1 object" in status
    assert [one.deed for one in server.acting.entries] == [Deed.ATTACH, Deed.ATTACH]
    shown = str(history.embeds)
    assert ("in a room that you do not see" in shown, str(hidden.id) in shown) == (True, False)
    assert [name for name, _ in await server.suggestions("status", "", by=moderator)] == [
        "Video: A *talk* · 1"
    ]


async def test_whom_an_administrator_lets_in_may_change_as_well(server: Server) -> None:
    helper = server.member("helper")
    server.chat.guilds.let_in(server.guild.id, helper, command_id(server))

    assert (await server.slash("attach", by=helper, id_="1")).startswith("Attached")
    walker = await walked(server, helper, kind="a", public=server.room.id)
    assert (await walker.press("done")).startswith("Follows")


async def test_whom_an_administrator_shuts_out_is_not_offered_it(server: Server) -> None:
    server.chat.guilds.let_in(server.guild.id, server.manager, is_let_in=False)

    with pytest.raises(NotOfferedError):
        await server.slash("list")


async def test_who_was_let_in_and_is_not_any_more_may_not_press(server: Server) -> None:
    assert not await may_press(server, server.member("helper"))


async def test_what_is_set_for_the_command_goes_before_what_is_set_for_all(
    server: Server,
) -> None:
    helper = server.member("helper")
    server.chat.guilds.let_in(server.guild.id, helper, command_id(server))

    assert await may_press(server, helper)


async def test_a_question_is_answered_by_who_may_still_use_the_command(server: Server) -> None:
    question = await server.reply("follow", comments="all")
    server.chat.guilds.set_roles(server.guild.id, server.manager.id, [])
    assert question.message_id is not None
    (yes, _) = question.components[0]["components"]

    said = await server.chat.people.click(server.manager.id, question.message_id, yes["custom_id"])

    assert said.content.startswith("This is for whoever manages the server,")
    assert await server.followed() == []


@pytest.mark.parametrize("fault", [{"status": 403}, {"status": 200, "is_html": True}])
async def test_where_discord_does_not_tell_nobody_is_let_in(
    server: Server, fault: dict[str, Any]
) -> None:
    helper = server.member("helper")
    server.chat.guilds.let_in(server.guild.id, helper, command_id(server))
    walker = await Walker.begin(server, helper)
    server.chat.fault("GET", r".*/commands/permissions", **fault)

    assert "manages the server" in await walker.choose("kind", "a")


async def may_manager_press(server: Server) -> bool:
    walker = await Walker.begin(server)
    return "manages the server" not in await walker.choose("kind", "a")


@pytest.mark.parametrize("by_role", [False, True])
async def test_who_manages_the_server_and_is_shut_out_may_not_press(
    server: Server, *, by_role: bool
) -> None:
    crew = server.chat.guilds.add_role(server.guild.id, "crew", ["manage_guild"])
    lead = server.chat.guilds.add_member(server.guild.id, "lead", roles=[crew])
    walker = await Walker.begin(server, lead)
    subject = crew if by_role else lead
    server.chat.guilds.let_in(server.guild.id, subject, command_id(server), is_let_in=False)

    assert "manages the server" in await walker.choose("kind", "a")


async def test_what_is_said_of_everybody_counts_where_nothing_is_said_of_the_roles(
    server: Server,
) -> None:
    guild = server.guild
    crew = server.chat.guilds.add_role(guild.id, "crew", ["manage_guild"])
    lead = server.chat.guilds.add_member(guild.id, "lead", roles=[crew])
    hers, his = await Walker.begin(server, lead), await Walker.begin(server)
    everybody = guild.roles[guild.id]
    server.chat.guilds.let_in(guild.id, everybody, command_id(server), is_let_in=False)
    server.chat.guilds.let_in(guild.id, crew, command_id(server))

    assert "manages the server" not in await hers.choose("kind", "a")
    assert "manages the server" in await his.choose("kind", "a")


async def test_a_role_that_is_shut_out_may_not_press_though_everybody_may(
    server: Server,
) -> None:
    guild = server.guild
    crew = server.chat.guilds.add_role(guild.id, "crew", ["manage_guild"])
    lead = server.chat.guilds.add_member(guild.id, "lead", roles=[crew])
    walker = await Walker.begin(server, lead)
    server.chat.guilds.let_in(guild.id, guild.roles[guild.id], command_id(server))
    server.chat.guilds.let_in(guild.id, crew, command_id(server), is_let_in=False)

    assert "manages the server" in await walker.choose("kind", "a")


async def test_administrators_are_never_shut_out(server: Server) -> None:
    admin = server.member("admin", "administrator")
    walker = await Walker.begin(server, admin)
    server.chat.guilds.let_in(server.guild.id, admin, command_id(server), is_let_in=False)

    assert "manages the server" not in await walker.choose("kind", "a")


async def test_where_discord_does_not_tell_who_manages_the_server_goes_on(
    server: Server,
) -> None:
    server.chat.fault("GET", r".*/commands/permissions", status=403)

    assert await may_manager_press(server)


async def test_it_is_asked_once_however_much_is_pressed(server: Server) -> None:
    helper = server.member("helper")
    server.chat.guilds.let_in(server.guild.id, helper, command_id(server))
    walker = await Walker.begin(server, helper)
    for page in ("where", "whom", "what"):
        await walker.go(page)

    asked = [one for one in server.chat.posts if one.path.endswith("/commands/permissions")]
    assert len(asked) == 1


async def test_pages_are_turned_by_who_may_still_use_the_command(server: Server) -> None:
    for number in range(10, 30):
        await server.slash(
            "attach",
            id_="1",
            room=server.chat.rooms.add_channel(server.guild.id, f"room {number}").id,
        )
    listed, history = await server.reply("list"), await server.reply("history")
    server.chat.guilds.set_roles(server.guild.id, server.manager.id, [])

    said = [
        await _said(server, listed, "tt:list:0:1:next"),
        await _said(server, history, "tt:history:0:0:11:older"),
    ]

    assert len(said) == 2
    assert all(one.startswith("This is for whoever manages the server, or whom") for one in said)


async def _said(server: Server, shown: Reply, page: str) -> str:
    """Turn a page; return how the refusal begins that is said beside it, or in its place."""
    people = server.chat.people
    pressed = await people.click(server.manager.id, shown.message_id or 0, page)
    found = await server.chat.wait_for(lambda: _refusals(people.reply(pressed.interaction_id)))
    return found[0]


def _refusals(shown: Reply) -> list[str]:
    """Return how what is said beside a page, or in its place, begins."""
    found = [one.content for one in (shown, *shown.followups)]
    return [one[:70] for one in found if one.startswith("This is for")]
