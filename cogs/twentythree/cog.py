"""The plugin as discord.py sees it: a cog that owns everything it starts."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias

import discord
from discord.ext import commands

from . import wiring
from .backoff import backoff_s
from .checking import findings
from .commands import CommandContext, CommandTranslator, VideoGroup
from .delivery import OutageTeller
from .domain.model import GuildId, ObjectId
from .domain.troubles import Fault, Kind, troubles
from .errors import LeadLostError, StorageError, StorageLostError, apart, expected, log_failure
from .settings import Settings, load_settings, no_server_problem
from .storage import Lead, new_lead

_OfGuild: TypeAlias = discord.abc.GuildChannel | discord.Thread | discord.Role

_log = logging.getLogger("twentythree.cog")

_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 60.0
# A run that lasted this long was well; the waits begin anew.
_STABLE_S = 300.0
# Together well below the 10 s in which a host is expected to stop.
_DRAIN_S = 2.5
_STOP_S = 2.0
_CLOSE_S = 3.0
_SERVERS_AGAIN_S = 10.0
_FAILED = "The plugin's work failed and is about to begin again; its log says why."


class TwentyThree(commands.Cog):
    """Brings TwentyThree's comments and live events into rooms.

    Args:
        bot: the host.
        settings: by default read from the environment when the cog is loaded.
        pause: waits for so many seconds before what has failed is begun again.
        only_commands: there are the commands, to be registered with Discord, and nothing works;
            another process may be at work on the same database.
        stands_by: where another process leads on the same PostgreSQL, loading waits until this one
            does, instead of failing.
    """

    def __init__(
        self,
        bot: commands.Bot | commands.AutoShardedBot,
        settings: Settings | None = None,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        only_commands: bool = False,
        stands_by: bool = False,
    ) -> None:
        self._bot = bot
        self._settings = settings
        self._pause = pause
        self._only_commands = only_commands
        self._stands_by = stands_by
        self._lead: Lead | None = None
        self._is_ready = asyncio.Event()
        self._is_all_ready = asyncio.Event()
        self._stack = AsyncExitStack()
        self._services: wiring.Services | None = None
        self._context: CommandContext | None = None
        self._work: asyncio.Task[None] | None = None
        self._down: str | None = None
        self._end: str | None = None
        self._knowing = asyncio.Lock()
        self._is_news = False
        self._is_behind = asyncio.Event()
        self._joined: asyncio.Queue[GuildId] = asyncio.Queue()

    async def cog_load(self) -> None:
        """Open everything and start the work. What was opened is closed if this fails.

        Raises:
            ConfigurationError: a variable is wrong or missing.
            DatabaseInUseError: another process works with the database.
            StorageError: the database cannot be used.
            discord.app_commands.CommandAlreadyRegistered: the host has a ``/video`` of its own.
        """
        settings = self._settings or load_settings()
        if problem := no_server_problem(settings):
            _log.warning("%s", problem)
        self._lead = None if self._only_commands else new_lead()
        async with AsyncExitStack() as stack:
            services = await stack.enter_async_context(
                wiring.services(self._bot, settings, self._lead, stands_by=self._stands_by)
            )
            clock = asyncio.get_running_loop().time
            context = CommandContext(
                services.bridge,
                acting=services.acting,
                clock=clock,
                faults=self.faults,
                lead=services.lead,
            )
            stack.push_async_callback(context.close)
            stack.enter_context(services.presence.listening(self._bot))
            if self._bot.tree.translator is None:
                # A host that has one may have it ask ours.
                await self._bot.tree.set_translator(CommandTranslator())
                stack.push_async_callback(self._bot.tree.set_translator, None)
            group = VideoGroup(context)
            self._bot.tree.add_command(group)
            stack.callback(self._bot.tree.remove_command, group.name)
            self._bot.add_dynamic_items(*context.buttons)
            stack.callback(self._bot.remove_dynamic_items, *context.buttons)
            self._stack = stack.pop_all()
        self._services, self._context = services, context
        if self._only_commands:
            return
        self._work = asyncio.create_task(self._do(services), name="twentythree")
        if self._bot.is_ready():
            services.presence.all_listed()
            self._is_ready.set()
            self._is_all_ready.set()

    async def cog_unload(self) -> None:
        """Stop within a few seconds and release everything; what is left waits in the store."""
        services, self._services, self._context = self._services, None, None
        work, self._work = self._work, None
        stack, self._stack = self._stack, AsyncExitStack()
        try:
            if services is not None:
                await _within(_DRAIN_S + 1, services.rooms.drain(_DRAIN_S), "finish its posts")
            if work is not None:
                work.cancel()
                await asyncio.wait({work}, timeout=_STOP_S)
        finally:
            await _within(_CLOSE_S, stack.aclose(), "close everything")

    # For hosts.

    @property
    def standing_by(self) -> str | None:
        """Since when this stands by, and for whom, a sentence; ``None``: it does not.

        It may be asked while the cog is still being loaded, which waits for the lead.
        """
        waiting = None if self._lead is None else self._lead.standing_by
        return None if waiting is None else str(waiting)

    async def problems(self) -> list[str]:
        """Return what keeps the plugin from working now, a sentence each; empty if nothing.

        It writes a word to the database, to see whether that is possible. While this stands by,
        that is all there is to say.
        """
        if (waiting := self.standing_by) is not None:
            return [waiting]
        return [one.for_host for one in troubles(await self.faults()) if one.stops]

    async def faults(
        self,
        guild_id: GuildId | None = None,
        object_id: ObjectId | None = None,
        *,
        writes: bool = True,
    ) -> dict[Kind, Fault]:
        """Return what is wrong (for a server, for an object), to be told by ``domain.troubles``.

        ``writes``: a word to the database, to see whether that is possible.
        """
        if self._services is None:
            return {Kind.NOT_LOADED: Fault(detail="The plugin is not loaded.")}
        found = await findings.faults(self._services, guild_id, object_id, writes=writes)
        if guild_id and (since := self._services.presence.away_since(guild_id)):
            found[Kind.SHARD_AWAY] = Fault(since=since)
        if self._end is not None:
            found[Kind.DATABASE_GONE] = Fault(detail=self._end)
        if self._down is not None:
            found[Kind.WORK_FAILED] = Fault(detail=self._down)
        return found

    async def command_digests(self) -> dict[str, str]:
        """Return the digests of the slash commands that are stored, by their scopes."""
        return {} if self._services is None else await self._services.store.upkeep.command_digests()

    async def set_command_digest(self, scope: str, digest: str | None) -> None:
        """Store the digest of the slash commands as they were registered for the scope.

        ``None``: they are not registered there any more.
        """
        if self._services is not None:
            await self._services.store.upkeep.set_command_digest(scope, digest)

    # The work.

    async def _do(self, services: wiring.Services) -> None:
        """Work while this process leads.

        Once another does, the host is told by the event ``twentythree_superseded``, whose argument
        is the sentence that says why.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._until_superseded(services), name="lead")
                await self._is_ready.wait()
                tasks.create_task(self._keep_working(services), name="work")
                tasks.create_task(self._teller(services).run(), name="outages")
        except* LeadLostError as lost:
            self._end = str(_first(lost))
            _log.warning("%s", self._end)
            self._bot.dispatch("twentythree_superseded", self._end)

    async def _until_superseded(self, services: wiring.Services) -> None:
        try:
            await services.lead.lost()
        except LeadLostError:
            # Nothing may wait for a database that does not answer.
            services.store.abandon()
            raise

    def _teller(self, services: wiring.Services) -> OutageTeller:
        """Return who tells servers of outages."""
        return OutageTeller(
            services.store,
            services.api,
            services.rooms,
            faults=partial(self.faults, writes=False),
            people=services.bridge.people,
            now=lambda: datetime.now(UTC),
        )

    async def _keep_working(self, services: wiring.Services) -> None:
        """Run the bridge and the rooms, and begin again when they fail.

        Where that cannot help, the host is told by the event ``twentythree_stopped``, whose
        argument is the sentence that says why.
        """
        clock = asyncio.get_running_loop().time
        failures = 0
        while True:
            began = clock()
            try:
                # First: nothing may be posted in a server that may not use the workspace.
                await self._know_servers(services)
                await self._run(services)
            except* StorageLostError as lost:
                self._end = str(_first(lost))
                _log.critical("%s", self._end)
                self._bot.dispatch("twentythree_stopped", self._end)
            except* Exception as failed:  # noqa: BLE001 - supervision: nothing may end it for good
                log_failure(_log, "the work failed and is begun again", failed)
                self._down = expected(failed) or _FAILED
            # A group of tasks that ends by an error forgets that it is cancelled meanwhile.
            is_unloaded = self._services is not services
            if self._end is not None or services.lead.is_lost or is_unloaded:
                return
            failures = 1 if clock() - began >= _STABLE_S else failures + 1
            wait_s = backoff_s(failures, first_s=_FIRST_WAIT_S, longest_s=_LONGEST_WAIT_S)
            await self._pause(wait_s * random.uniform(0.5, 1))  # noqa: S311 - jitter
            self._down = None

    async def _run(self, services: wiring.Services) -> None:
        """Run the bridge and the rooms until cancelled.

        Raises:
            StorageLostError: in a group; the database is gone, and nothing may go on.
        """
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(services.store.watch(), name="store")
            tasks.create_task(services.rooms.run(), name="rooms")
            tasks.create_task(services.bridge.run(), name="bridge")
            tasks.create_task(services.acting.run(), name="actions")
            tasks.create_task(self._tell_start(services), name="telling of the start")
            tasks.create_task(self._greet(services), name="greeting")
            tasks.create_task(self._catch_up(), name="servers")

    async def _tell_start(self, services: wiring.Services) -> None:
        await self._is_all_ready.wait()
        with apart(_log, "what works could not be told"):
            await findings.tell_start(services, len(services.presence.membership().present))

    async def _greet(self, services: wiring.Services) -> None:
        """Say in servers that got the bot, also while it was off, how they are set up."""
        while True:
            guild_id = await self._joined.get()
            with apart(_log, f"server {guild_id} could not be greeted"):
                await services.rooms.greet(guild_id)

    async def _catch_up(self) -> None:
        """Take over which servers there are where that could not be stored: nobody tells again."""
        while True:
            await self._is_behind.wait()
            self._is_behind.clear()
            await self._pause(_SERVERS_AGAIN_S)
            await self._servers_changed()

    async def _know_servers(self, services: wiring.Services) -> None:
        """Tell the bridge which servers the bot is in, and what is spoken in those it serves.

        A shard that connects brings a thousand at once: what all of them change is told once.
        """
        self._is_news = True
        # One after the other: what is told last is true.
        async with self._knowing:
            if not self._is_news:
                return
            self._is_news = False
            try:
                for joined in await services.bridge.know_servers(services.presence.membership()):
                    self._joined.put_nowait(joined)
                allows = services.bridge.servers.allows
                # Of a server that is only listed yet, no language is known.
                served = {
                    GuildId(one.id): str(one.preferred_locale)
                    for one in self._bot.guilds
                    if allows(one.id) and not one.unavailable
                }
                await services.store.rooms.know_locales(served)
            except BaseException:
                self._is_news = True
                raise

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Take what somebody typed into a modal."""
        if self._context is not None:
            await self._context.take_modal(interaction)

    # What the gateway tells: a client with shards has the same words for each of them.

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Begin the work; after a new session look at all rooms again."""
        if self._services is not None:
            self._services.presence.all_listed()
        self._is_ready.set()
        self._is_all_ready.set()
        await self._servers_changed()
        for guild in self._bot.guilds:
            self._recheck(guild)

    @commands.Cog.listener()
    async def on_shard_connect(self, shard: int) -> None:
        """Take over which servers a shard has listed."""
        if self._services is not None:
            self._services.presence.listed(shard)
        await self._servers_changed()

    @commands.Cog.listener()
    async def on_shard_ready(self, shard: int) -> None:
        """Begin the work with the first shard; look at the rooms of its servers again."""
        self._is_ready.set()
        if self._services is not None:
            for guild in self._services.presence.guilds_of(shard):
                self._recheck(guild)

    # Rooms that may be usable again, or not any more.

    @commands.Cog.listener("on_guild_available")
    @commands.Cog.listener("on_guild_join")
    @commands.Cog.listener("on_guild_remove")
    async def on_guild_came_or_went(self, guild: discord.Guild) -> None:
        """Look at the server's rooms again; one that removed the bot gets nothing any more.

        One that has just got the bot is told how it is set up.
        """
        if self._services is not None:
            self._services.presence.came(guild)
        await self._servers_changed()
        self._recheck(guild)

    @commands.Cog.listener()
    async def on_guild_update(self, before: discord.Guild, after: discord.Guild) -> None:
        """Speak another language in the server from now on, if its people do."""
        if before.preferred_locale != after.preferred_locale:
            await self._servers_changed()

    @commands.Cog.listener("on_guild_channel_update")
    @commands.Cog.listener("on_guild_role_update")
    @commands.Cog.listener("on_thread_update")
    async def on_room_changed(self, _: object, after: _OfGuild) -> None:
        """Look at the server's rooms again."""
        self._recheck(after.guild)

    # discord.py joins threads that are opened again, and private ones that the bot is added to.
    @commands.Cog.listener("on_thread_join")
    @commands.Cog.listener("on_guild_channel_create")
    @commands.Cog.listener("on_guild_channel_delete")
    @commands.Cog.listener("on_guild_role_delete")
    async def on_room_came_or_went(self, room: _OfGuild) -> None:
        """Look at the server's rooms again."""
        self._recheck(room.guild)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Look at the server's rooms again; also for threads that are not in the cache."""
        if guild := self._bot.get_guild(payload.guild_id):
            self._recheck(guild)

    @commands.Cog.listener()
    async def on_member_update(self, _: discord.Member, after: discord.Member) -> None:
        """Look at the server's rooms again when it is the bot whose roles changed."""
        if after.id == after.guild.me.id:
            self._recheck(after.guild)

    async def _servers_changed(self) -> None:
        if self._services is None:
            return
        try:
            await self._know_servers(self._services)
        except StorageError as error:
            _log.warning("which servers there are could not be stored: %s", error)
            self._is_behind.set()
        except Exception as error:  # noqa: BLE001 - supervision: it is tried again
            log_failure(_log, "which servers there are could not be stored", error)
            self._is_behind.set()

    def _recheck(self, guild: discord.Guild) -> None:
        if self._services is not None:
            self._services.rooms.recheck(guild.id)


def _first(group: BaseExceptionGroup[StorageError]) -> BaseException:
    """Return one of the errors in a group."""
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found


async def _within(seconds: float, done: Awaitable[object], what: str) -> None:
    """Wait for a step of stopping, and go on without it if it takes too long."""
    try:
        async with asyncio.timeout(seconds):
            await done
    except TimeoutError:
        _log.warning("could not %s within %.0f s", what, seconds)
    except Exception as error:  # noqa: BLE001 - supervision: the other steps must be made
        log_failure(_log, f"could not {what}", error)
