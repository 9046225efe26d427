"""The composition root: the one place that builds adapters and joins them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import discord

from . import web
from .api import Anonymous, ApiConfig, Bearer, Credentials, OAuth1, RequestBudget, WorkspaceClient
from .bridge import Analytics, Bridge, BridgeOptions
from .errors import StorageError, TwentyThreeError, WorkspaceError
from .metrics import Metrics
from .realtime import Connected, RealtimeClient
from .rooms import Rooms, draft_lone
from .settings import Settings, load_settings
from .storage import Store, open_to_others

# A check must not take longer than a person waits.
_CHECK_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything that works behind the cog."""

    bridge: Bridge
    rooms: Rooms
    store: Store
    metrics: Metrics


@asynccontextmanager
async def services(bot: discord.Client, settings: Settings) -> AsyncGenerator[Services]:
    """Build everything, and release it at the end.

    Raises:
        StorageError: the database cannot be used.
    """
    metrics = Metrics()
    try:
        store = await Store.open(settings.database_url)
        try:
            async with web.session() as http:
                yield _join(bot, settings, http, store, metrics)
        finally:
            await store.close()
    finally:
        metrics.close()


async def run(joined: Services) -> None:
    """Run the bridge and the rooms until cancelled.

    Raises:
        StorageLost: in a group; the database is gone, and nothing may go on.
    """
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(joined.store.watch(), name="store")
        tasks.create_task(joined.rooms.run(), name="rooms")
        tasks.create_task(joined.bridge.run(), name="bridge")


def _join(
    bot: discord.Client,
    settings: Settings,
    http: aiohttp.ClientSession,
    store: Store,
    metrics: Metrics,
) -> Services:
    rooms = Rooms(bot, store, metrics)

    budget = RequestBudget(settings.requests_per_minute, clock=time.monotonic)

    def asked(method: str, status: int) -> None:
        budget.spend()
        metrics.api_request(method, status)

    bridge = Bridge(
        store,
        workspace(settings, http, asked),
        lambda url: RealtimeClient(url, http),
        metrics,
        wake=rooms.wake,
        draft=draft_lone,
        options=BridgeOptions(
            reconcile_s=settings.reconcile_seconds,
            poll_s=settings.poll_seconds,
            follow_s=settings.follow_seconds,
            same_broadcast_s=settings.same_broadcast_seconds,
            analytics=_analytics(settings),
            realtime_url=settings.realtime_url,
            verifies=settings.realtime == "verify",
        ),
        budget=budget,
        open_post=rooms.open_post,
    )
    return Services(bridge=bridge, rooms=rooms, store=store, metrics=metrics)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One line of a check: ``problem`` says what to do; ``None`` where all is well.

    ``warning`` is for what works and should still be mended.
    """

    name: str
    problem: str | None
    detail: str = ""
    warning: str | None = None


async def check() -> AsyncIterator[CheckResult]:
    """Check the database, the workspace and the realtime service, one after the other."""
    settings = load_settings()
    yield await _check_database(settings)
    async with web.session() as http:
        api = workspace(settings, http)
        yield await _check_workspace(api)
        yield await _check_realtime(settings, api, http)


async def _check_database(settings: Settings) -> CheckResult:
    name = "database"
    # Before it is opened: opening it keeps the others out.
    warning = open_to_others(settings.database_url)
    try:
        store = await Store.open(settings.database_url, patience_s=_CHECK_S)
    except StorageError as error:
        return CheckResult(name=name, problem=str(error))
    try:
        counts = await store.counts()
    finally:
        await store.close()
    detail = f"{counts.attachments} attachments"
    return CheckResult(name=name, problem=None, detail=detail, warning=warning)


async def _check_workspace(api: WorkspaceClient) -> CheckResult:
    name = "workspace"
    try:
        site = await api.site()
    except WorkspaceError as error:
        return CheckResult(name=name, problem=str(error))
    detail = f"{site.name}, API version {site.version}, permission level {site.permission_level}"
    return CheckResult(name=name, problem=None, detail=detail)


async def _check_realtime(
    settings: Settings, api: WorkspaceClient, http: aiohttp.ClientSession
) -> CheckResult:
    name = "realtime"
    try:
        url = settings.realtime_url or await _realtime_url(api)
        if url is None:
            return CheckResult(
                name=name,
                problem=None,
                detail="the workspace names no realtime service; the bot will poll",
            )
        async with asyncio.timeout(_CHECK_S), RealtimeClient(url, http) as client:
            async for event in client:
                if isinstance(event, Connected):
                    return CheckResult(name=name, problem=None, detail="connected")
    except WorkspaceError:
        return CheckResult(
            name=name,
            problem="The workspace did not say where its realtime service is; see the line above.",
        )
    except (TwentyThreeError, TimeoutError):
        pass
    return CheckResult(
        name=name,
        problem="The realtime service does not answer; the bot will poll until it does.",
    )


async def _realtime_url(api: WorkspaceClient) -> str | None:
    """Return the address that the workspace names for any of its objects."""
    for found in await api.search("", limit=1):
        return (await api.realtime(found)).url
    return None
