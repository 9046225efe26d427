"""Registering the slash commands: only when they changed, since Discord counts creations."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Protocol

import aiohttp
import discord
from discord.ext import commands

_log = logging.getLogger("bot.registration")


# What a request ends in where Discord is away, or answers with a failure of its own.
UNREACHABLE = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError)


class CommandMemory(Protocol):
    """Where the digest of what was last registered is kept; the plugin's cog is one."""

    async def command_digest(self, scope: str) -> str | None:
        """Return the digest last stored for the scope."""

    async def set_command_digest(self, scope: str, digest: str) -> None:
        """Store the digest for the scope."""


def commands_digest(bot: commands.Bot) -> str:
    """Return a digest of all commands as they would be sent to Discord."""
    payload = [command.to_dict(bot.tree) for command in bot.tree.get_commands()]
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()


async def register(bot: commands.Bot, guild_id: int | None, *, clear: bool = False) -> int:
    """Register the commands everywhere, or in one guild; return how many there are.

    Raises:
        discord.HTTPException: Discord refused; see :func:`explain`.
    """
    guild = discord.Object(guild_id) if guild_id else None
    if clear:
        bot.tree.clear_commands(guild=guild)
    elif guild is not None:
        bot.tree.copy_global_to(guild=guild)
    return len(await bot.tree.sync(guild=guild))


async def sync_if_changed(bot: commands.Bot, guild_id: int | None, memory: CommandMemory) -> None:
    """Register the commands unless the same ones were registered before.

    A refusal is logged with what to do about it: the bot is still of use without new commands.
    """
    scope = f"{bot.application_id}:{guild_id or 'global'}"
    digest = commands_digest(bot)
    if await memory.command_digest(scope) == digest:
        return
    try:
        count = await register(bot, guild_id)
    except discord.HTTPException as error:
        _log.error("%s", explain(error, guild_id))
        return
    await memory.set_command_digest(scope, digest)
    _log.info("registered %d slash commands", count)


def explain(error: discord.HTTPException, guild_id: int | None) -> str:
    """Return one sentence: why the commands could not be registered, and what to do."""
    if isinstance(error, discord.Forbidden):
        where = f"server {guild_id}" if guild_id else "this application"
        return (
            f"Discord does not let the bot register commands for {where}; invite it with the "
            "scopes bot and applications.commands."
        )
    return (
        f"Discord did not take the slash commands (status {error.status}, code {error.code}); "
        "run `python -m bot sync` to try again."
    )


def unreachable(error: BaseException) -> str:
    """Return one sentence for an error of ``UNREACHABLE``."""
    why = type(error).__name__
    if isinstance(error, discord.HTTPException):
        why = f"status {error.status}, code {error.code}"
    return f"Discord could not be reached ({why}); try again later."
