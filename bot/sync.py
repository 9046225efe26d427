"""The verb ``sync``: register the slash commands, or remove them, and exit."""

from __future__ import annotations

import sys

import discord

from .app import HostBot, point_at
from .registration import explain, register
from .settings import HostSettings
from .supervisor import EXIT_OK, EXIT_REFUSED


async def sync(settings: HostSettings, guild: int | None, *, clear: bool) -> int:
    """Register the commands everywhere, or in one server; return the exit status."""
    point_at(settings)
    counts: list[int] = []

    async def set_up(bot: HostBot) -> None:
        counts.append(await register(bot, guild, clear=clear))

    async with HostBot(settings, on_setup=set_up) as bot:
        try:
            # Logging in is enough: without the gateway the plugin does not start its work.
            await bot.login(settings.discord_token.get_secret_value())
        except discord.LoginFailure:
            print("Discord refused the token; check DISCORD_TOKEN.", file=sys.stderr)
            return EXIT_REFUSED
        except discord.HTTPException as error:
            print(explain(error, guild), file=sys.stderr)
            return 1
    print(f"{counts[0]} slash commands registered")
    return EXIT_OK
