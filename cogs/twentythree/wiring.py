"""The composition root: the one place that builds adapters and joins them."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass

import aiohttp
import discord

from . import web
from .access import workspace
from .actions import Acting, ActingPorts, Carrying
from .api import RequestBudget, WorkspaceClient, WorkspaceClock
from .delivery import Covers, DiscordEdge, Presence, RoomSupervisor
from .intake import Analytics, Bridge, BridgeOptions, Ports
from .metrics import Metrics
from .realtime import RealtimeClient
from .settings import Settings
from .storage import Lead, Store, leading


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that works behind the cog."""

    acting: Acting
    api: WorkspaceClient
    bridge: Bridge
    lead: Lead
    presence: Presence
    rooms: RoomSupervisor
    store: Store
    metrics: Metrics


@asynccontextmanager
async def services(
    bot: discord.Client, settings: Settings, lead: Lead | None, *, stands_by: bool = False
) -> AsyncGenerator[Services]:
    """Build everything, and release it at the end.

    ``lead``: to be taken, since nobody else may work with the database meanwhile; on PostgreSQL
    that is waited for, if this ``stands_by``. ``None``: nothing is to work.

    Raises:
        DatabaseInUseError: another process works with the database.
        StorageError: the database cannot be used.
    """
    async with AsyncExitStack() as stack:
        metrics = stack.enter_context(closing(Metrics()))
        if lead is not None:
            metrics.leader(lead)
            await stack.enter_async_context(
                leading(
                    settings.database_url,
                    lead,
                    lease_s=settings.lease_seconds,
                    stands_by=stands_by,
                )
            )
        store = await Store.open(settings.database_url, lead=lead)
        clock = WorkspaceClock(settings.site_url)
        stack.push_async_callback(store.close)
        lead = lead or Lead()
        http = await stack.enter_async_context(web.session(clock.trace(), web.only_leading(lead)))
        yield _join(bot, settings, http, store, metrics, lead=lead, clock=clock)


def _join(
    bot: discord.Client,
    settings: Settings,
    http: aiohttp.ClientSession,
    store: Store,
    metrics: Metrics,
    *,
    lead: Lead,
    clock: WorkspaceClock,
) -> Services:
    covers = Covers(http, settings.site_url)
    rooms = RoomSupervisor(DiscordEdge(bot, lead=lead), store, metrics, covers, now=clock.now)

    budget = RequestBudget(settings.requests_per_minute, clock=time.monotonic)

    def asked(method: str, status: int) -> None:
        budget.spend()
        metrics.api_request(method, status)

    def pressed(method: str, status: int) -> None:
        budget.spend(is_pressed=True)
        metrics.api_request(method, status)

    api = workspace(settings, http, asked)
    presence = Presence(bot)
    metrics.shards(presence)
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
        trail_days=settings.trail_days,
    )
    bridge = Bridge(ports, options)
    acting = _acting(settings, ports, api.counted(pressed), bridge)
    return Services(
        acting=acting,
        api=api,
        bridge=bridge,
        lead=lead,
        presence=presence,
        rooms=rooms,
        store=store,
        metrics=metrics,
    )


def _acting(settings: Settings, ports: Ports, api: WorkspaceClient, bridge: Bridge) -> Acting:
    intake, now = bridge.intake, ports.clock.now
    carrying = Carrying(ports.store, api, intake, ports.metrics, now=now)
    joined = ActingPorts(store=ports.store, api=api, intake=intake, rooms=ports.rooms, now=now)
    return Acting(joined, carrying, reply_name=settings.reply_name)


def _analytics(settings: Settings) -> Analytics | None:
    if settings.analytics_channel is None:
        return None
    return Analytics(sub_channel=settings.analytics_channel, catch_up=settings.catch_up)
