"""Registering the slash commands: only when they changed, and in one place only.

Discord counts creations, and shows a command of a server beside one of the same name for all.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Awaitable, Mapping
from typing import Protocol, TypeAlias
from urllib.parse import urlsplit

import aiohttp
import discord
from discord.ext import commands
from discord.http import Route

_log = logging.getLogger("bot.registration")

AnyBot: TypeAlias = commands.Bot | commands.AutoShardedBot
"""One with shards is no kind of the other."""

# What a request ends in where Discord is away, or answers with a failure of its own.
UNREACHABLE = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError)
# What a login ends in where something else answers: a proxy's page, an address that is wrong.
_UNREADABLE = (KeyError, TypeError, ValueError)


_GLOBAL = "global"
# More servers than that are not asked one by one for commands that were left there.
_MOST_SERVERS = 200


class NotDiscordError(ConnectionError):
    """Something else answers at Discord's address."""


async def log_in(client: discord.Client, login: Awaitable[None]) -> None:
    """Await a client's login, and tell Discord's own answers from others.

    Raises:
        NotDiscordError: something else has answered.
        discord.LoginFailure: Discord refused the token.
        discord.HTTPException: Discord failed, or refused something else.
    """
    try:
        await login
    except discord.LoginFailure as error:
        if not _is_verdict(error.__cause__):
            raise NotDiscordError from error
        raise
    except _UNREADABLE as error:
        if client.user is None:
            raise NotDiscordError from error
        # Discord it was: this is a mistake of ours.
        raise


def _is_verdict(refused: BaseException | None) -> bool:
    """Tell whether Discord itself says so: a proxy's page says nothing of the token."""
    if not isinstance(refused, discord.HTTPException):
        return True
    return refused.response.headers.get("content-type", "").startswith("application/json")


class CommandMemory(Protocol):
    """Where it is kept what was last registered; the plugin's cog is one."""

    async def command_digests(self) -> Mapping[str, str]:
        """Return the digests that are stored, by their scopes."""

    async def set_command_digest(self, scope: str, digest: str | None) -> None:
        """Store the digest for the scope, or forget it."""


async def commands_digest(bot: AnyBot) -> str:
    """Return a digest of all commands as they would be sent to Discord, in all languages."""
    tree, payload = bot.tree, []
    for command in tree.get_commands():
        if tree.translator is None:
            payload.append(command.to_dict(tree))
        else:
            payload.append(await command.get_translated_payload(tree, tree.translator))
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()


class Registration:
    """The bot's commands at Discord. A place is a server's ID, or ``None`` for all servers.

    All methods raise ``discord.HTTPException`` where Discord refuses; see :func:`explain`.
    """

    def __init__(self, bot: AnyBot, memory: CommandMemory) -> None:
        self._bot = bot
        self._memory = memory
        self._made: str | None = None

    async def is_done(self, place: int | None) -> bool:
        """Say whether these commands are registered in this place, and in no other."""
        if await self._known() != {place: await self._digest()}:
            return False
        return {one.name for one in await self._there(place)} >= self._names()

    async def register(self, place: int | None, *, everywhere: bool = False) -> int:
        """Register the commands in one place and remove them in others; return how many.

        Where nothing is known of others, or with ``everywhere``, each server is asked.
        """
        known, digest = set(await self._known()), await self._digest()
        if place is not None:
            self._bot.tree.copy_global_to(guild=discord.Object(place))
        made = await self._bot.tree.sync(guild=_server(place))
        await self._memory.set_command_digest(self._scope(place), digest)
        others = known if known and not everywhere else known | await self._places()
        for other in others - {place}:
            await self.remove(other)
        return len(made)

    async def remove(self, place: int | None) -> None:
        """Remove the commands in one place; those of other programs stay."""
        try:
            for command in await self._there(place):
                if command.name in self._names():
                    await command.delete()
        except (discord.Forbidden, discord.NotFound):
            # A server that the bot has left: nobody is shown its commands there.
            _log.debug("the commands in server %s could not be looked at", place)
        await self._memory.set_command_digest(self._scope(place), None)

    async def remove_everywhere(self) -> None:
        """Remove the commands in all places."""
        for place in await self._places() | set(await self._known()):
            await self.remove(place)

    async def _digest(self) -> str:
        # Once: before the commands are copied to a server.
        if self._made is None:
            self._made = await commands_digest(self._bot)
        return self._made

    async def _known(self) -> dict[int | None, str]:
        start = self._scope(None).removesuffix(_GLOBAL)
        return {
            _place(scope.removeprefix(start)): digest
            for scope, digest in (await self._memory.command_digests()).items()
            if scope.startswith(start)
        }

    async def _places(self) -> set[int | None]:
        servers = self._bot.fetch_guilds(limit=_MOST_SERVERS, with_counts=False)
        return {None, *[guild.id async for guild in servers]}

    async def _there(self, place: int | None) -> list[discord.app_commands.AppCommand]:
        return await self._bot.tree.fetch_commands(guild=_server(place))

    def _names(self) -> set[str]:
        return {command.name for command in self._bot.tree.get_commands()}

    def _scope(self, place: int | None) -> str:
        return f"{self._bot.application_id}:{place or _GLOBAL}"


def _place(scope: str) -> int | None:
    return None if scope == _GLOBAL else int(scope)


def _server(place: int | None) -> discord.Object | None:
    return None if place is None else discord.Object(place)


async def sync_if_changed(bot: AnyBot, guild_id: int | None, memory: CommandMemory) -> None:
    """Register the commands unless they are registered, and where they should be.

    A refusal is logged with what to do about it: the bot is still of use without new commands.
    """
    registration = Registration(bot, memory)
    try:
        if await registration.is_done(guild_id):
            return
        await registration.register(guild_id)
    except discord.HTTPException as error:
        _log.error("%s", explain(error, guild_id))
        return
    _log.info("registered the slash commands")


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
    """Return one sentence for an error of ``UNREACHABLE``, with what to do."""
    return f"{not_reached(error)}; try again later."


def not_reached(error: BaseException) -> str:
    """Return what such an error means, without its full stop."""
    match error:
        case discord.HTTPException():
            why = f"status {error.status}, code {error.code}"
        case NotDiscordError():
            why = "what answers there is not Discord"
        case TimeoutError():
            why = "no answer in time"
        case aiohttp.ClientConnectorCertificateError():
            why = "its certificate is not to be trusted"
        case _:
            why = "no connection"
    return f"Discord ({urlsplit(Route.BASE).netloc}) could not be reached ({why})"
