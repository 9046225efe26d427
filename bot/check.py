"""The verb ``check``: is everything there that the bot needs? One line each.

A line that warns is of what works and should still be mended.
"""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import discord
import dotenv

from .app import plugin, prepare
from .registration import UNREACHABLE, unreachable
from .settings import HostSettings

_TIMEOUT_S = 20.0


async def check(settings: HostSettings, warnings: tuple[str, ...] = ()) -> int:
    """Print one line per part, ok or what to do about it; return 0, or 1 if anything is wrong."""
    prepare(settings)
    for warning in warnings:
        print(f"WARN configuration: {warning}")
    is_all_well = True
    async for name, problem, detail in _results(settings):
        mark = "ok " if problem is None else "BAD"
        print(f"{mark}  {name}: {detail if problem is None else problem}")
        is_all_well = is_all_well and problem is None
    return 0 if is_all_well else 1


async def _results(settings: HostSettings) -> AsyncIterator[tuple[str, str | None, str]]:
    """Yield (part, problem or None, detail)."""
    yield "configuration", None, "all variables can be read"
    _warn("configuration", _env_file_warning(dotenv.find_dotenv()))
    async for result in plugin().check():
        yield result.name, result.problem, result.detail
        _warn(result.name, result.warning)
    problem, detail, servers = await _discord(settings)
    yield "Discord token", problem, detail
    for detail in servers:
        yield "server", None, detail


def _warn(name: str, warning: str | None) -> None:
    if warning is not None:
        print(f"!    {name}: {warning}")


def _env_file_warning(found: str) -> str | None:
    """Return a sentence if other users of the machine may read the file with the tokens."""
    path = Path(found or ".env")
    try:
        is_open = path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    except OSError:
        return None
    name = path.name
    return (
        f"other users of this machine may read {name}; run: chmod 600 {name}" if is_open else None
    )


async def _discord(settings: HostSettings) -> tuple[str | None, str, list[str]]:
    """Return the problem or ``None``, a detail, and a line for each server that the bot is in."""
    client = discord.Client(intents=discord.Intents(guilds=True))
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            await client.login(settings.discord_token.get_secret_value())
            servers = await _servers(client)
    except discord.LoginFailure:
        return "Discord refused the token; check DISCORD_TOKEN.", "", []
    except UNREACHABLE as error:
        return unreachable(error), "", []
    else:
        return None, f"logged in as {client.user}", servers
    finally:
        await client.close()


async def _servers(client: discord.Client) -> list[str]:
    """Return each server that the bot is in, and whether it may use the workspace."""
    may_use = plugin().may_use_workspace
    return [
        f"{one.name} ({one.id}) {'is' if may_use(one.id) else 'is not'} allowed"
        async for one in client.fetch_guilds(limit=None, with_counts=False)
    ]
