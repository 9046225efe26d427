"""Servers that may not use the workspace."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest
from discord import app_commands

from cogs.twentythree.cog import TwentyThree
from cogs.twentythree.commands import CommandContext, VideoGroup
from cogs.twentythree.domain.barring import Servers
from cogs.twentythree.domain.model import GuildId
from cogs.twentythree.intake import Bridge
from cogs.twentythree.settings import Settings
from tests.fakes.bridge import a_bridge
from tests.fakes.server import SITE, Server
from tests.fakes.staged_acting import as_acting

COMMANDS = [
    one
    for one in VideoGroup(
        CommandContext(a_bridge(), acting=as_acting(), clock=float)
    ).walk_commands()
    if isinstance(one, app_commands.Command)
]
# A value that each required option takes.
REQUIRED = {"id": "1", "what": "1"}


def asked_of(bridge: Any, patch: pytest.MonkeyPatch) -> Mock:
    """Return what notes, as its calls, all that the bridge is asked for from now on."""
    asked = Mock()
    for name in dir(Bridge):
        real = getattr(Bridge, name)
        if not name.startswith("_") and callable(real):
            kind = AsyncMock if iscoroutinefunction(real) else Mock
            asked.attach_mock(kind(return_value=[]), name)
            patch.setattr(bridge, name, getattr(asked, name))
    return asked


def options_of(server: Server, command: app_commands.Command[Any, ..., Any]) -> dict[str, Any]:
    values = REQUIRED | {"file": server.chat.people.upload("town.json", b"{}")}
    return {
        one.display_name: values[one.display_name] for one in command.parameters if one.required
    }


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.name)
async def test_a_stranger_gets_the_variable_and_its_id_from_each_command(
    server: Server, monkeypatch: pytest.MonkeyPatch, command: app_commands.Command[Any, ..., Any]
) -> None:
    server.bridge.servers = Servers(frozenset({1}))
    asked = asked_of(server.bridge, monkeypatch)

    text = await server.slash(
        command.qualified_name.removeprefix("video "), **options_of(server, command)
    )

    assert text == (
        "This server may not use the workspace: whoever runs the bot must add its ID, "
        f"{server.guild.id}, to TWENTYTHREE_SERVERS."
    )
    assert asked.mock_calls == []


SUGGESTED = [
    (command, one.display_name)
    for command in COMMANDS
    for one in command.parameters
    if one.autocomplete
]


@pytest.mark.parametrize(
    ("command", "option"), SUGGESTED, ids=[f"{one.name}-{option}" for one, option in SUGGESTED]
)
async def test_a_stranger_gets_no_suggestion_for_any_option(
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    command: app_commands.Command[Any, ..., Any],
    option: str,
) -> None:
    await server.hold()
    name = command.qualified_name.removeprefix("video ")
    given = {key: value for key, value in options_of(server, command).items() if key != option}
    server.bridge.servers = Servers(frozenset({1}))
    asked = asked_of(server.bridge, monkeypatch)

    assert await server.suggestions(name, "", focused=option, **given) == []
    assert asked.mock_calls == []


async def test_a_server_that_is_named_is_served(server: Server) -> None:
    server.bridge.servers = Servers(frozenset({server.guild.id}))

    assert (await server.slash("attach", id_="1")).startswith("Attached")
    assert await server.suggestions("attach", "") != []


async def test_a_refusal_is_no_failure_in_the_log(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.bridge.servers = Servers(frozenset())
    caplog.clear()

    await server.slash("list")

    assert [one for one in caplog.records if one.name.startswith("twentythree")] == []


# Which servers the bot is in.


async def test_the_bridge_is_told_when_the_bot_is_removed_and_when_it_comes_back(
    server: Server,
) -> None:
    other = server.chat.guilds.add_guild("Village")
    await server.bridge.until_present(server.guild.id, other.id)

    server.chat.guilds.remove_bot(other.id)
    await server.bridge.until_present(server.guild.id)

    server.chat.guilds.add_bot(other.id)
    await server.bridge.until_present(server.guild.id, other.id)


async def test_a_server_that_gets_the_bot_is_told_once_how_it_is_set_up(server: Server) -> None:
    other = server.chat.guilds.add_guild("Village")
    # What was there when the bot started has heard of it before.
    await server.wiring.rooms.until_greeted(other.id)

    server.chat.guilds.set_available(other.id, is_available=False)
    server.chat.guilds.set_available(other.id, is_available=True)
    server.chat.gateway.drop()
    third = server.chat.guilds.add_guild("Hamlet")
    await server.wiring.rooms.until_greeted(other.id, third.id)


async def test_a_server_that_gets_the_bot_while_it_is_off_is_told_at_the_start_and_once(
    server: Server,
) -> None:
    await server.host.remove_cog("TwentyThree")
    other = server.chat.guilds.add_guild("Village")
    server.chat.gateway.forget_sessions()
    server.chat.gateway.drop()
    for _ in range(2):
        await server.host.add_cog(TwentyThree(server.host, Settings(site_url=SITE)))
        await server.bridge.until_present(server.guild.id, other.id)
        await server.wiring.rooms.until_greeted(other.id)
        await server.host.remove_cog("TwentyThree")
    await server.host.add_cog(TwentyThree(server.host, Settings(site_url=SITE)))
    third = server.chat.guilds.add_guild("Hamlet")

    await server.wiring.rooms.until_greeted(other.id, third.id)


async def test_a_server_that_may_not_use_the_workspace_is_not_greeted(server: Server) -> None:
    third = GuildId(1 << 22)
    server.bridge.servers = Servers(frozenset({server.guild.id, third}))
    other = server.chat.guilds.add_guild("Village")
    await server.bridge.until_present(server.guild.id, other.id)
    server.chat.guilds.add_guild("Hamlet", guild_id=third)

    await server.wiring.rooms.until_greeted(third)


async def test_a_server_that_is_away_for_a_while_has_not_removed_the_bot(server: Server) -> None:
    other = server.chat.guilds.add_guild("Village")
    server.chat.guilds.set_available(server.guild.id, is_available=False)
    server.chat.guilds.remove_bot(other.id)

    await server.bridge.until_present(server.guild.id)
