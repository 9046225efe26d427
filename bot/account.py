"""What Discord says of the bot's account, over REST alone: for the verb ``check``."""

from __future__ import annotations

from collections.abc import AsyncIterator

import discord
from discord import app_commands

from .app import plugin
from .lines import Line

_SCOPES = ("bot", "applications.commands")
_MOST_SERVERS = 200


def invitation(application_id: int) -> str:
    """Return the link that invites the bot, with all that the plugin's features want."""
    return discord.utils.oauth_url(application_id, permissions=plugin().WANTED, scopes=_SCOPES)


async def account_lines(client: discord.Client) -> AsyncIterator[Line]:
    """Say who the bot is, how to invite it, and where its commands are.

    ``client`` is logged in and need not be connected.

    Raises:
        discord.HTTPException: Discord refused.
    """
    yield Line("Discord token", f"logged in as {client.user}")
    if client.application_id is not None:
        yield Line("invite", invitation(client.application_id))
    yield await _commands(client)


async def _commands(client: discord.Client) -> Line:
    tree = app_commands.CommandTree(client)
    everywhere = {command.name for command in await tree.fetch_commands()}
    copies: dict[str, set[str]] = {}
    shut = []
    async for guild in client.fetch_guilds(limit=_MOST_SERVERS, with_counts=False):
        try:
            there = await tree.fetch_commands(guild=guild)
            copies.setdefault(guild.name, set()).update(one.name for one in there)
        except discord.Forbidden:
            shut.append(guild.name)
    return commands_line(everywhere, {name: names for name, names in copies.items() if names}, shut)


def commands_line(everywhere: set[str], copies: dict[str, set[str]], shut: list[str]) -> Line:
    """Return the line of the commands: those for all servers, and those of single ones.

    ``shut`` are servers that do not let the bot have commands.
    """
    name = "commands"
    if shut:
        where = ", ".join(shut)
        text = f"{where}: no commands may be registered; invite the bot again with the link above."
        return Line(name, text, "WARN")
    twice = [server for server, names in copies.items() if names & everywhere]
    if twice:
        text = f"{', '.join(twice)}: each command is there twice; `python -m bot sync` leaves one."
        return Line(name, text, "WARN")
    if everywhere:
        return Line(name, f"{_slashed(everywhere)} in all servers")
    if copies:
        return Line(name, f"{_slashed(set.union(*copies.values()))} in {', '.join(copies)} only")
    return Line(name, "none yet; the bot registers them when it starts")


def _slashed(names: set[str]) -> str:
    return ", ".join(f"/{name}" for name in sorted(names))
