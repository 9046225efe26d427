"""The verb ``sync``: register the slash commands, or remove them, and exit."""

from __future__ import annotations

import asyncio
import sys

import discord

from .app import HostBot, plugin, prepare
from .registration import UNREACHABLE, Registration, explain, unreachable
from .settings import HostSettings
from .supervisor import EXIT_FAILED, EXIT_OK, Final, finality

# Longer than a person waits; discord.py itself tries some failures again for half a minute.
_TIMEOUT_S = 60.0


async def sync(settings: HostSettings, guild: int | None, *, clear: bool) -> int:
    """Register the commands for all servers or for one, and nowhere else; or remove them.

    Returns the exit status.
    """
    prepare(settings)
    said = ""

    async def set_up(bot: HostBot) -> None:
        nonlocal said
        registration = Registration(bot, bot.plugin_cog())
        try:
            said = await _done(registration, guild, clear=clear)
        except discord.HTTPException as error:
            raise Final(explain(error, guild), EXIT_FAILED) from error
        except plugin().StorageError as error:
            raise Final(str(error), EXIT_FAILED) from error

    host = HostBot(settings, on_setup=set_up, only_commands=True)
    try:
        async with host as bot, asyncio.timeout(_TIMEOUT_S):
            # Logging in is enough: without the gateway the plugin does not start its work.
            await bot.login(settings.discord_token.get_secret_value())
    except (*UNREACHABLE, discord.LoginFailure, Final) as error:
        final = finality(error) or Final(unreachable(error), EXIT_FAILED)
        print(final, file=sys.stderr)
        return final.status
    print(said)
    return EXIT_OK


async def _done(registration: Registration, guild: int | None, *, clear: bool) -> str:
    where = f"for server {guild}" if guild else "for all servers"
    if not clear:
        count = await registration.register(guild, everywhere=True)
        return f"slash commands registered ({count}) {where}, and nowhere else"
    if guild is None:
        await registration.remove_everywhere()
    else:
        await registration.remove(guild)
    return f"slash commands removed {where}; the bot registers them again when it starts"
