"""The verb ``sync``: register the slash commands, or remove them, and exit."""

from __future__ import annotations

import asyncio
import sys

import discord

from .app import HostBot, prepare
from .registration import UNREACHABLE, explain, register, unreachable
from .settings import HostSettings
from .supervisor import EXIT_FAILED, EXIT_OK, Final, finality

# Longer than a person waits; discord.py itself tries some failures again for half a minute.
_TIMEOUT_S = 60.0


async def sync(settings: HostSettings, guild: int | None, *, clear: bool) -> int:
    """Register the commands everywhere, or in one server; return the exit status."""
    prepare(settings)
    count = 0

    async def set_up(bot: HostBot) -> None:
        nonlocal count
        try:
            count = await register(bot, guild, clear=clear)
        except discord.HTTPException as error:
            raise Final(explain(error, guild), EXIT_FAILED) from error

    try:
        async with HostBot(settings, on_setup=set_up) as bot, asyncio.timeout(_TIMEOUT_S):
            # Logging in is enough: without the gateway the plugin does not start its work.
            await bot.login(settings.discord_token.get_secret_value())
    except (*UNREACHABLE, discord.LoginFailure, Final) as error:
        final = finality(error) or Final(unreachable(error), EXIT_FAILED)
        print(final, file=sys.stderr)
        return final.status
    where = f"for server {guild}" if guild else "for all servers"
    done = "removed" if clear else f"registered ({count})"
    print(f"slash commands {done} {where}")
    return EXIT_OK
