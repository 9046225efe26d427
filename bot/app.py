"""The bot itself: what a third party would write around the plugin."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

import discord
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from .identifies import IdentifyBudget
from .registration import log_in, sync_if_changed
from .settings import HostSettings
from .shards import ShardedBot
from .supervisor import EXIT_BAD_CONFIGURATION, EXIT_FAILED, EXIT_IN_USE, Final, Superseded

PLUGIN = "cogs.twentythree"
COG = "TwentyThree"

_log = logging.getLogger("bot.app")


def plugin() -> ModuleType:
    """Return the plugin, which the host knows by name only."""
    return importlib.import_module(PLUGIN)


def prepare(settings: HostSettings) -> None:
    """Send all of discord.py's traffic to the configured addresses; before any client is made.

    The classes' attributes, not an instance's: discord.py falls back to them on every
    re-identification, and webhooks and interactions build their addresses from ``Route``.
    """
    # Voice is not used; without this discord.py warns at every start.
    discord.VoiceClient.warn_nacl = False
    discord.VoiceClient.warn_dave = False
    if settings.discord_api_url:
        Route.BASE = settings.discord_api_url
    if settings.discord_gateway_url:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.discord_gateway_url)


class HostBot(ShardedBot):
    """A bot with one plugin, the ``guilds`` intent and no mentions unless a message asks."""

    def __init__(
        self,
        settings: HostSettings,
        *,
        on_setup: Callable[[HostBot], Awaitable[None]],
        identifies: IdentifyBudget | None = None,
        only_commands: bool = False,
    ) -> None:
        super().__init__(
            identifies=identifies or IdentifyBudget(),
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            # A host of a few servers need not wait the default 2 s after the last of them.
            guild_ready_timeout=0.5,
        )
        self.settings = settings
        self._on_setup = on_setup
        self._only_commands = only_commands
        self._end: Final | Superseded | None = None
        self._cog: Any = None

    async def login(self, token: str) -> None:
        """Log in, and load what this run is for.

        Raises:
            NotDiscordError: something else answers at Discord's address.
        """
        await log_in(self, super().login(token))

    async def setup_hook(self) -> None:
        """Load the plugin, then do what this run is for; called between login and gateway.

        Where another process leads, loading waits until this one does.

        Raises:
            Final: the plugin cannot be loaded.
            Superseded: another process took the lead while it was being loaded.
        """
        made = plugin().TwentyThree
        if self._only_commands:
            self._cog = made(self, only_commands=True)
        else:
            self._cog = made(self, stands_by=True)
        try:
            await self.add_cog(self._cog)
        except Exception as failed:
            raise _why_not_loaded(failed) from failed
        await self._on_setup(self)

    async def start(self, token: str, *, reconnect: bool = True) -> None:
        """Run until closed.

        Raises:
            Final: the plugin has stopped, and a new client would not help.
            Superseded: another process leads; a new client stands by.
        """
        try:
            await super().start(token, reconnect=reconnect)
        except Exception as failed:
            if self._end is None:
                raise
            # What was under way when it was closed.
            raise self._end from failed
        if self._end is not None:
            raise self._end

    async def on_twentythree_stopped(self, reason: str) -> None:
        """End: without its plugin this host is of no use."""
        self._end = Final(reason, EXIT_FAILED)
        await self.close()

    async def on_twentythree_superseded(self, reason: str) -> None:
        """End, so that no command is answered twice."""
        self._end = Superseded(reason)
        await self.close()

    def plugin_cog(self) -> Any:
        """Return the plugin's cog, or ``None`` where it is not loaded."""
        return self.get_cog(COG)

    async def problems(self) -> list[str]:
        """Return what keeps this from being of use now, a sentence each."""
        if self._cog is not None and self._cog.standing_by is not None:
            return [str(self._cog.standing_by)]
        if not self.is_connected:
            return ["The bot is not connected to Discord."]
        cog = self.plugin_cog()
        return ["The plugin is not loaded."] if cog is None else list(await cog.problems())


def _why_not_loaded(error: Exception) -> Final | Superseded:
    """Return the end of a host whose plugin cannot be loaded: nothing of it depends on Discord.

    Where the lead was lost meanwhile, it is only this client's.
    """
    errors = importlib.import_module(f"{PLUGIN}.errors")
    if isinstance(error, errors.LeadLostError):
        return Superseded(str(error))
    if isinstance(error, errors.ConfigurationError):
        return Final(str(error), EXIT_BAD_CONFIGURATION)
    if isinstance(error, errors.DatabaseInUseError):
        return Final(str(error), EXIT_IN_USE)
    if isinstance(error, errors.TwentyThreeError):
        return Final(str(error), EXIT_FAILED)
    _log.error("the plugin failed while it was being loaded", exc_info=error)
    return Final("The plugin could not be loaded; the log says why.", EXIT_FAILED)


async def register_commands(bot: HostBot) -> None:
    """Register the slash commands where they changed since the last start.

    Where the database fails meanwhile, a line of the log says so: the bot is still of use.

    Raises:
        Superseded: another process took the lead.
    """
    try:
        await sync_if_changed(bot, bot.settings.discord_sync_guild, bot.plugin_cog())
    except plugin().StorageError as error:
        end = _why_not_loaded(error)
        if isinstance(end, Superseded):
            raise end from error
        _log.error("%s", end)


def make_bot(settings: HostSettings, identifies: IdentifyBudget) -> HostBot:
    """Return a fresh bot for one attempt of the supervisor."""
    return HostBot(settings, on_setup=register_commands, identifies=identifies)
