"""The verb ``check``: is everything there that the bot needs? One line each.

A line that warns is of what works and should still be mended.
"""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import discord
import dotenv

from .account import account_lines
from .app import plugin, prepare
from .lines import Line
from .registration import UNREACHABLE, log_in, unreachable
from .settings import HostSettings
from .web import ALIVE, cannot_listen, serve

_TIMEOUT_S = 20.0


async def check(settings: HostSettings, warnings: tuple[str, ...] = ()) -> int:
    """Print one line per part, ok or what to do about it; return 0, or 1 if anything is wrong."""
    prepare(settings)
    is_all_well = True
    async for line in _lines(settings, warnings):
        print(line)
        is_all_well = is_all_well and line.mark != "BAD"
    return 0 if is_all_well else 1


async def _lines(settings: HostSettings, warnings: tuple[str, ...]) -> AsyncIterator[Line]:
    yield Line("configuration", "all variables can be read")
    for warning in (*warnings, _env_file_warning(dotenv.find_dotenv())):
        if warning is not None:
            yield Line("configuration", warning, "WARN")
    if settings.bot_http_listen is not None:
        yield await _listening(settings.bot_http_listen)
    clock = plugin().PeerClock("Discord")
    client = discord.Client(intents=discord.Intents(guilds=True), http_trace=clock.trace)
    async with client:
        problem = await _log_in(client, settings.discord_token.get_secret_value())
        if problem is not None:
            yield Line("Discord token", problem, "BAD")
        else:
            async for line in _account(client):
                yield line
        if (warning := clock.warning()) is not None:
            yield Line("clock", warning, "WARN")
        async for result in plugin().check(client if problem is None else None):
            yield _of_plugin(result)


async def _log_in(client: discord.Client, token: str) -> str | None:
    """Return a sentence where that fails."""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            await log_in(client, client.login(token))
    except discord.LoginFailure:
        return "Discord refused the token; check DISCORD_TOKEN."
    except UNREACHABLE as error:
        return unreachable(error)
    return None


async def _account(client: discord.Client) -> AsyncIterator[Line]:
    try:
        async for line in account_lines(client):
            yield line
    except UNREACHABLE as error:
        yield Line("Discord", unreachable(error), "BAD")


async def _listening(address: str) -> Line:
    try:
        async with serve(address, _nothing):
            return Line("listen address", f"{address} is free")
    except OSError as error:
        if await _is_a_bot(address):
            return Line("listen address", f"a running bot answers at {address}")
        return Line("listen address", cannot_listen(address, error), "BAD")


async def _is_a_bot(address: str) -> bool:
    timeout = aiohttp.ClientTimeout(total=2)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as http,
            http.get(f"http://{address}/healthz") as answer,
        ):
            return await answer.read() == ALIVE.encode()
    except UNREACHABLE:
        return False


async def _nothing() -> list[str]:
    return []


def _of_plugin(result: Any) -> Line:
    if result.problem is not None:
        return Line(result.name, result.problem, "BAD")
    if result.warning is not None:
        return Line(result.name, result.warning, "WARN")
    return Line(result.name, result.detail)


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
