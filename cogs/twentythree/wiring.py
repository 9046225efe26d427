"""The composition root: the one place that builds adapters and joins them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime

import aiohttp
import discord

from . import web
from .api import (
    Anonymous,
    ApiConfig,
    Bearer,
    Credentials,
    OAuth1,
    RequestBudget,
    WorkspaceClient,
    WorkspaceClock,
    is_reader,
)
from .delivery import DiscordEdge, OutageTeller, RoomSupervisor
from .domain.model import GuildId, ObjectId
from .domain.troubles import Fault, Faults, Kind
from .errors import CredentialsRefusedError, StorageError, WorkspaceError
from .intake import Analytics, Bridge, BridgeOptions, Mode, Ports
from .metrics import Metrics
from .realtime import RealtimeClient
from .settings import Settings
from .storage import Store, Why, claim

_log = logging.getLogger("twentythree")

# Realtime is connected within seconds, where it is.
_REALTIME_S = 10.0
_LOOK_S = 0.25
# Whoever asks whether all is well does not wait for long.
_PATIENCE_S = 3.0
_OF_STORE = {
    Why.GONE: Kind.DATABASE_GONE,
    Why.FULL: Kind.DATABASE_FULL,
    Why.LOCKED: Kind.DATABASE_LOCKED,
    Why.UNUSABLE: Kind.DATABASE_UNUSABLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that works behind the cog."""

    api: WorkspaceClient
    bridge: Bridge
    rooms: RoomSupervisor
    store: Store
    metrics: Metrics
    servers: Callable[[], int]


@asynccontextmanager
async def services(
    bot: discord.Client, settings: Settings, *, are_to_work: bool = True
) -> AsyncGenerator[Services]:
    """Build everything, and release it at the end.

    ``are_to_work``: nobody else may work with the database meanwhile.

    Raises:
        DatabaseInUseError: another process works with the database.
        StorageError: the database cannot be used.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(claim(settings.database_url) if are_to_work else nullcontext())
        metrics = stack.enter_context(closing(Metrics()))
        store = await Store.open(settings.database_url)
        clock = WorkspaceClock(settings.site_url)
        stack.push_async_callback(store.close)
        http = await stack.enter_async_context(web.session(clock.trace()))
        yield _join(bot, settings, http, store, metrics, clock=clock)


async def run(joined: Services) -> None:
    """Run the bridge and the rooms until cancelled.

    Raises:
        StorageLostError: in a group; the database is gone, and nothing may go on.
    """
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(joined.store.watch(), name="store")
        tasks.create_task(joined.rooms.run(), name="rooms")
        tasks.create_task(joined.bridge.run(), name="bridge")
        tasks.create_task(_tell_start(joined), name="telling of the start")


async def _tell_start(joined: Services) -> None:
    """Say in one line of the log that all works, or what does not yet."""
    if not joined.servers():
        _log.warning("started, and not of use yet: the bot is in no server; invite it to one")
        return
    try:
        _log.info("it works: %s", await _what_works(joined))
    except (WorkspaceError, StorageError) as error:
        _log.warning("started, and not of use yet: %s", error)


async def _what_works(joined: Services) -> str:
    attachments, site = (await joined.store.upkeep.counts()).attachments, await joined.api.site()
    level = f"permission level {site.permission_level}"
    if not is_reader(site.permission_level):
        level = f"{level}: public data only"
    servers = f"{_many(joined.servers(), 'server')}, {_many(attachments, 'attachment')}"
    where = f"workspace {site.name} ({min(site.hosts, default='?')}), {level}"
    return f"{servers}; {where}; {await _coming_in(joined.bridge, is_idle=not attachments)}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


async def _coming_in(bridge: Bridge, *, is_idle: bool) -> str:
    """Return how news come in, once realtime is there or some seconds have passed."""
    if is_idle:
        return "realtime begins with the first attachment"
    left_s = _REALTIME_S
    while await bridge.mode() is not Mode.REALTIME:
        if left_s <= 0:
            return "realtime is away or not complete yet, so the workspace is polled"
        await asyncio.sleep(_LOOK_S)
        left_s -= _LOOK_S
    return "realtime connected"


async def faults(
    joined: Services,
    guild_id: GuildId | None = None,
    object_id: ObjectId | None = None,
    *,
    writes: bool = True,
) -> dict[Kind, Fault]:
    """Return what is wrong (for a server, for an object), within seconds; see ``domain.troubles``.

    ``writes``: a word to the database, to see whether that is possible. Where it was not the last
    time, that is tried in any case.
    """
    if writes or joined.store.broken is not None:
        await joined.store.look(_PATIENCE_S)
    found = joined.bridge.faults(guild_id, object_id)
    rooms = None
    if guild_id is not None:
        rooms = {one.room_id for one in joined.bridge.remembered(guild_id, object_id)}
    found |= joined.rooms.faults(rooms)
    broken, trouble = joined.store.broken, joined.api.trouble
    if broken is not None:
        found[_OF_STORE[broken.why]] = Fault(since=broken.since, detail=broken.text)
    if trouble is not None:
        is_refusal = isinstance(trouble, CredentialsRefusedError)
        kind = Kind.CREDENTIALS_REFUSED if is_refusal else Kind.WORKSPACE_AWAY
        detail = str(trouble) if is_refusal else ""
        found[kind] = Fault(since=joined.api.trouble_since, detail=detail)
    return found


def outage_teller(joined: Services, look: Callable[[], Awaitable[Faults]]) -> OutageTeller:
    """Return who tells servers of outages; ``look`` returns what is wrong."""
    return OutageTeller(
        joined.store,
        joined.api,
        joined.rooms,
        faults=look,
        people=joined.bridge.people,
        now=lambda: datetime.now(UTC),
    )


def _join(
    bot: discord.Client,
    settings: Settings,
    http: aiohttp.ClientSession,
    store: Store,
    metrics: Metrics,
    *,
    clock: WorkspaceClock,
) -> Services:
    rooms = RoomSupervisor(DiscordEdge(bot), store, metrics, now=clock.now)

    budget = RequestBudget(settings.requests_per_minute, clock=time.monotonic)

    def asked(method: str, status: int) -> None:
        budget.spend()
        metrics.api_request(method, status)

    api = workspace(settings, http, asked)
    ports = Ports(
        store=store,
        api=api,
        realtime=lambda url: RealtimeClient(url, http),
        rooms=rooms,
        budget=budget,
        metrics=metrics,
        clock=clock,
    )
    options = BridgeOptions(
        reconcile_s=settings.reconcile_seconds,
        poll_s=settings.poll_seconds,
        follow_s=settings.follow_seconds,
        same_broadcast_s=settings.same_broadcast_seconds,
        analytics=_analytics(settings),
        realtime_url=settings.realtime_url,
        verifies=settings.realtime == "verify",
        servers=settings.admitted,
    )
    return Services(
        api=api,
        bridge=Bridge(ports, options),
        rooms=rooms,
        store=store,
        metrics=metrics,
        servers=lambda: len(bot.guilds),
    )


def _analytics(settings: Settings) -> Analytics | None:
    if settings.analytics_channel is None:
        return None
    return Analytics(sub_channel=settings.analytics_channel, catch_up=settings.catch_up)


def workspace(
    settings: Settings,
    http: aiohttp.ClientSession,
    on_request: Callable[[str, int], None] | None = None,
) -> WorkspaceClient:
    """Return a client of the configured workspace.

    ``on_request`` is told the method and status (0: no answer) of every request.
    """
    config = ApiConfig(
        site_url=settings.site_url,
        credentials=credentials(settings),
        version=settings.api_version,
    )
    if on_request is None:
        return WorkspaceClient(http, config)
    return WorkspaceClient(http, config, on_request=on_request)


def credentials(settings: Settings) -> Credentials:
    """Return the way in that is configured."""
    if settings.bearer_token is not None:
        return Bearer(token=settings.bearer_token.get_secret_value())
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    four = [getattr(settings, name) for name in names]
    if None in four:
        return Anonymous()
    key, secret, token, token_secret = (one.get_secret_value() for one in four)
    return OAuth1(consumer_key=key, consumer_secret=secret, token=token, token_secret=token_secret)
