"""The check: database, workspace, realtime service, servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import discord

from .. import web
from ..access import credentials, workspace
from ..api import Anonymous, WorkspaceClient
from ..errors import StorageError, TwentyThreeError, WorkspaceError, WorkspaceUnreachableError
from ..realtime import Connected, RealtimeClient
from ..settings import Settings, load_settings, no_server_problem
from ..storage import Store, open_to_others
from .clocks import PeerClock
from .results import CheckResult
from .servers import check_servers

# A check must not take longer than a person waits.
_CHECK_S: Final = 15.0
_PUBLIC: Final = "public data only"
_LEVELS: Final = {
    "none": _PUBLIC,
    "anonymous": _PUBLIC,
    "read": "all videos, events and comments may be read, private ones included",
    "write": "all may be read and changed, more than the bot needs",
    "admin": "all may be read, changed and administered, more than the bot needs",
    "super": "the owner's level, more than the bot needs: keep these credentials well",
}


async def check(
    client: discord.Client | None = None,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    patience_s: float = _CHECK_S,
) -> AsyncIterator[CheckResult]:
    """Check the database, the workspace and the realtime service, one after the other.

    With a ``client`` that is logged in, also the servers that the bot is in, and the rooms there
    that something is attached to. ``patience_s``: for how long each is waited for.

    Raises:
        ConfigurationError: a variable is wrong or missing.
    """
    settings = load_settings()
    yield _servers(settings)
    # Before it is opened: opening it keeps the others out.
    warning = open_to_others(settings.database_url)
    store, result = await _database(settings, patience_s)
    yield result
    if warning is not None:
        yield CheckResult(name="database file", warning=warning)
    try:
        async for result in _workspace(settings, now, patience_s):
            yield result
        if client is not None:
            async for result in check_servers(client, store, settings.admitted):
                yield result
    finally:
        if store is not None:
            await store.close()


def _servers(settings: Settings) -> CheckResult:
    allowed = settings.admitted.allowed
    detail = "any may use the workspace"
    if allowed is not None:
        detail = f"{len(allowed)} may use the workspace"
    return CheckResult(name="servers", problem=no_server_problem(settings), detail=detail)


async def _database(settings: Settings, patience_s: float) -> tuple[Store | None, CheckResult]:
    name = "database"
    try:
        store = await Store.open(settings.database_url, patience_s=patience_s)
    except StorageError as error:
        return None, CheckResult(name=name, problem=str(error))
    counts = await store.upkeep.counts()
    return store, CheckResult(
        name=name, detail=f"{store.place}, {_attachments(counts.attachments)}"
    )


def _attachments(count: int) -> str:
    return "1 attachment" if count == 1 else f"{count} attachments"


async def _workspace(
    settings: Settings, now: Callable[[], datetime], patience_s: float
) -> AsyncIterator[CheckResult]:
    host = _host(settings.site_url)
    clock = PeerClock(host, now)
    async with web.session(clock.trace) as http:
        api = workspace(settings, http)
        yield await _answer(settings, api, host)
        if (warning := clock.warning()) is not None:
            yield CheckResult(name="clock", warning=warning)
        yield await _realtime(settings, api, http, patience_s)


async def _answer(settings: Settings, api: WorkspaceClient, host: str) -> CheckResult:
    name = "workspace"
    try:
        site = await api.site()
    except WorkspaceUnreachableError as error:
        problem = (
            f"{host} could not be reached ({error.why}); check TWENTYTHREE_SITE_URL and this "
            "machine's network, or try again in a minute."
        )
        return CheckResult(name=name, problem=problem)
    except WorkspaceError as error:
        return CheckResult(name=name, problem=str(error))
    level = site.permission_level
    allows = _LEVELS.get(level, "a level that the bot does not know")
    if isinstance(credentials(settings), Anonymous):
        way = f"no credentials: {_PUBLIC}"
    elif allows == _PUBLIC:
        return CheckResult(
            name=name,
            warning=f"{host} gives these credentials permission level {level}: {_PUBLIC}; the bot "
            "needs level read to see what is private.",
        )
    else:
        way = f"permission level {level}: {allows}"
    return CheckResult(name=name, detail=f"{site.name} ({host}), API version {site.version}, {way}")


async def _realtime(
    settings: Settings, api: WorkspaceClient, http: aiohttp.ClientSession, patience_s: float
) -> CheckResult:
    name = "realtime"
    try:
        url = settings.realtime_url or await _realtime_url(api)
    except WorkspaceError:
        return CheckResult(
            name=name,
            warning="The workspace did not say where its realtime service is; see the line above.",
        )
    if url is None:
        return CheckResult(
            name=name,
            detail="no video or live event names a realtime service yet; the bot polls until then",
        )
    try:
        async with asyncio.timeout(patience_s), RealtimeClient(url, http) as client:
            async for event in client:
                if isinstance(event, Connected):
                    return CheckResult(name=name, detail=f"connected to {_host(url)}")
    except (TwentyThreeError, TimeoutError):
        pass
    return CheckResult(
        name=name,
        warning=f"{_host(url)} could not be reached; until it answers, the bot asks the workspace "
        f"every {settings.poll_seconds:g} seconds, and nothing is lost.",
    )


async def _realtime_url(api: WorkspaceClient) -> str | None:
    """Return the address that the workspace names for any of its objects."""
    for found in await api.search("", limit=1):
        return (await api.realtime(found.info)).url
    return None


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]
