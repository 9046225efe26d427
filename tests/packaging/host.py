"""A third party's bot, with the commonest names there are. Run by the tests as a program.

It loads the plugin beside its own cog, reloads and unloads it, and prints what it saw as JSON.
Whatever reaches for the network is noted: loading needs none.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import discord
from discord.ext import commands

connections: list[str] = []


def note(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.getaddrinfo"}:
        connections.append(f"{event}{arguments[1:]}")


def open_databases() -> list[str]:
    """Return the database files that this process holds open, where the system can tell."""
    targets = (os.path.realpath(link) for link in Path("/proc/self/fd").glob("*"))
    return sorted(target for target in targets if ".db" in target)


async def play(plugin: str) -> dict[str, Any]:
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    before = asyncio.all_tasks()
    host = commands.Bot(command_prefix="!", intents=discord.Intents(guilds=True))
    seen: dict[str, Any] = {}
    async with host:
        await host.load_extension("cogs.music")
        await host.load_extension(plugin)
        module = importlib.import_module(plugin)
        seen["version"] = module.__version__
        seen["file"] = str(Path(str(module.__file__)).parent)
        seen["cogs"] = sorted(host.cogs)
        seen["commands"] = [command.name for command in host.tree.get_commands()]
        languages = importlib.import_module(f"{plugin}.languages")
        with languages.speaking(languages.Language("da")):
            seen["guest"] = languages.tr("Guest")
        first = host.get_cog("TwentyThree")
        await host.reload_extension(plugin)
        seen["reloaded"] = host.get_cog("TwentyThree") is not first
        await host.unload_extension(plugin)
        seen["cogs after"] = sorted(host.cogs)
        seen["commands after"] = [command.name for command in host.tree.get_commands()]
        seen["listeners after"] = sorted(name for name, found in host.extra_events.items() if found)
        seen["modules after"] = [name for name in sys.modules if name.startswith(plugin)]
        seen["tasks after"] = [task.get_name() for task in asyncio.all_tasks() - before]
    seen["files after"] = open_databases()
    seen["host"] = importlib.import_module("bot").OWNER
    seen["connections"] = connections
    return seen


if __name__ == "__main__":
    sys.addaudithook(note)
    sys.stdout.write(json.dumps(asyncio.run(play(sys.argv[1]))))
