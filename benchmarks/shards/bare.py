"""The least that is a bot of discord.py with shards: it is there, and does nothing."""

from __future__ import annotations

import os

import discord
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route


class Bare(commands.AutoShardedBot):
    async def on_ready(self) -> None:
        print("ready", flush=True)


def main() -> None:
    Route.BASE = os.environ["DISCORD_API_URL"]
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
    bot = Bare("!", intents=discord.Intents(guilds=True), guild_ready_timeout=0.5)
    bot.run(os.environ["DISCORD_TOKEN"], log_handler=None)


if __name__ == "__main__":
    main()
