"""The check: database, workspace, realtime service, servers, and whether the clock is right."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

import aiohttp
import discord

from .. import web
from ..access import credentials, workspace
from ..api import Anonymous, WorkspaceClient
from ..delivery.permissions import Room, calendar_needs, missing
from ..domain.barring import Servers
from ..domain.following import Follow
from ..domain.model import Attachment
from ..errors import StorageError, TwentyThreeError, WorkspaceError, WorkspaceUnreachableError
from ..realtime import Connected, RealtimeClient
from ..settings import Settings, load_settings, no_server_problem
from ..storage import Store, open_to_others

# A check must not take longer than a person waits.
_CHECK_S: Final = 15.0
_PUBLIC: Final = "public data only"
_LEVELS: Final = {
    "none": _PUBLIC,
    "anonymous": _PUBLIC,
    "read": "all videos, events and comments may be read, private ones included",
    "write": "all may be read and changed, as acting on comments from rooms needs",
    "admin": "all may be read, changed and administered, more than the bot needs",
    "super": "the owner's level, more than the bot needs: keep these credentials well",
}

_CAN_ACT: Final = "comments can be acted on from rooms"
_CANNOT_ACT: Final = (
    "comments cannot be acted on from rooms: that needs credentials with permission level write"
)


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
    held, result = await _database(settings, patience_s)
    yield result
    if warning is not None:
        yield CheckResult(name="database file", warning=warning)
    rooms = _rooms(held, acting_only=True)
    async for result in _workspace(settings, now, patience_s, sum(map(len, rooms.values()))):
        yield result
    if client is not None:
        async for result in check_servers(client, held, settings.admitted):
            yield result


def _servers(settings: Settings) -> CheckResult:
    allowed = settings.admitted.allowed
    detail = "any may use the workspace"
    if allowed is not None:
        detail = f"{len(allowed)} may use the workspace"
    return CheckResult(name="servers", problem=no_server_problem(settings), detail=detail)


async def _database(settings: Settings, patience_s: float) -> tuple[list[_Held], CheckResult]:
    """Read all that is looked at; nothing of the database is open afterwards."""
    name = "database"
    try:
        store = await Store.open(settings.database_url, patience_s=patience_s)
        try:
            attachments = await store.attachments.find()
            follows = await store.follows.find()
        finally:
            await store.close()
    except StorageError as error:
        return [], CheckResult(name=name, problem=str(error))
    detail = f"{store.place}, {_attachments(len(attachments))}"
    return [*attachments, *follows], CheckResult(name=name, detail=detail)


def _attachments(count: int) -> str:
    return "1 attachment" if count == 1 else f"{count} attachments"


async def _workspace(
    settings: Settings, now: Callable[[], datetime], patience_s: float, acting_rooms: int
) -> AsyncIterator[CheckResult]:
    host = _host(settings.site_url)
    clock = PeerClock(host, now)
    async with web.session(clock.trace) as http:
        api = workspace(settings, http)
        yield await _answer(settings, api, host)
        if (warning := clock.warning()) is not None:
            yield CheckResult(name="clock", warning=warning)
        yield await _realtime(settings, api, http, patience_s)
        if api.can_write is not None:
            yield _actions(acting_rooms, can_write=api.can_write)


def _actions(rooms: int, *, can_write: bool) -> CheckResult:
    """Return the line of acting on comments. ``rooms``: in how many it is on."""
    if can_write or not rooms:
        return CheckResult(name="actions", detail=_CAN_ACT if can_write else _CANNOT_ACT)
    number = "1 room" if rooms == 1 else f"{rooms} rooms"
    return CheckResult(name="actions", warning=f"on in {number}, but {_CANNOT_ACT}.")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One line of a check: what it looked at, and one of three sentences about it.

    ``problem`` says what to do; a ``warning`` is of what works less well than it could; where both
    are ``None`` all is well, and ``detail`` says how it is.
    """

    name: str
    problem: str | None = None
    warning: str | None = None
    detail: str = ""


_MOST: Final = timedelta(minutes=1)


class PeerClock:
    """Reads off another machine's answers what time it is there.

    Args:
        name: of the other machine, for people.
        now: the time here, aware.

    Attributes:
        trace: for the ``aiohttp.ClientSession`` that asks the other machine.
    """

    def __init__(self, name: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._name = name
        self._now = now
        self._ahead: timedelta | None = None
        self.trace = aiohttp.TraceConfig()
        self.trace.on_request_end.append(self._answered)

    def warning(self) -> str | None:
        """Return a sentence where this clock is wrong by more than a minute."""
        if self._ahead is None or abs(self._ahead) <= _MOST:
            return None
        minutes = round(abs(self._ahead) / timedelta(minutes=1))
        way = "ahead of" if self._ahead > timedelta(0) else "behind"
        return (
            f"This machine's clock is {minutes} {'minute' if minutes == 1 else 'minutes'} {way} "
            f"that of {self._name}; set it by a time server (NTP), or times will be wrong."
        )

    async def _answered(
        self, _: aiohttp.ClientSession, __: SimpleNamespace, told: aiohttp.TraceRequestEndParams
    ) -> None:
        try:
            there = parsedate_to_datetime(told.response.headers.get("Date", ""))
        except (ValueError, OverflowError):
            return
        self._ahead = self._now() - (there if there.tzinfo else there.replace(tzinfo=UTC))


_Held: TypeAlias = Attachment | Follow
_Rooms = Mapping[int, set[int]]
_NOWHERE: Final = "The bot is in no server yet; invite it with the link above."


async def check_servers(
    client: discord.Client, held: Sequence[_Held], admitted: Servers
) -> AsyncIterator[CheckResult]:
    """Look at each server over REST; ``client`` is logged in and need not be connected."""
    try:
        rooms, calendars = _rooms(held), _calendars(held)
        async for result in _results(client, rooms, calendars, admitted):
            yield result
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
        problem = f"Discord did not tell of all servers ({type(error).__name__}); try again later."
        yield CheckResult(name="Discord servers", problem=problem)


async def _results(
    client: discord.Client, rooms: _Rooms, calendars: set[int], admitted: Servers
) -> AsyncIterator[CheckResult]:
    seen: set[int] = set()
    async for guild in client.fetch_guilds(limit=None, with_counts=False):
        seen.add(guild.id)
        if not admitted.allows(guild.id):
            yield not_allowed(_plain(guild.name), guild.id)
            continue
        wanted = rooms.get(guild.id, set())
        lacks = await _lacks(client, guild.id, wanted, has_calendar=guild.id in calendars)
        yield server_result(_plain(guild.name), guild.id, len(wanted), lacks)
    if not seen:
        yield CheckResult(name="Discord servers", warning=_NOWHERE)
    for guild_id in sorted(set(rooms) - seen):
        warning = "The bot is not in this server any more; invite it again to go on there."
        yield CheckResult(name=f"server {guild_id}", warning=warning)


def not_allowed(name: str, guild_id: int) -> CheckResult:
    """Return the line of a server that may not use the workspace."""
    warning = "is not allowed to use the workspace; TWENTYTHREE_SERVERS names those that are"
    return CheckResult(name=f"server {name} ({guild_id})", warning=warning)


def server_result(name: str, guild_id: int, rooms: int, lacks: Iterable[str]) -> CheckResult:
    """Return the line of one server. ``delivery``: how many something is attached to."""
    title = f"server {name} ({guild_id})"
    if problems := list(lacks):
        return CheckResult(name=title, problem=" ".join(problems))
    if not rooms:
        return CheckResult(name=title, detail="nothing is attached there")
    number = "1 room has" if rooms == 1 else f"{rooms} rooms have"
    return CheckResult(name=title, detail=f"{number} all that is needed")


def _rooms(held: Iterable[_Held], *, acting_only: bool = False) -> _Rooms:
    """Return the rooms that something is attached to, or shall be, by server.

    ``acting_only``: those where comments are to be acted on.
    """
    rooms: dict[int, set[int]] = defaultdict(set)
    for one in held:
        if one.rules.has_actions or not acting_only:
            rooms[one.guild_id].add(one.room_id)
    return rooms


def _calendars(held: Iterable[_Held]) -> set[int]:
    """Return the servers with a follow whose events are in the calendar."""
    return {one.guild_id for one in held if isinstance(one, Follow) and one.has_calendar}


async def _lacks(
    client: discord.Client, guild_id: int, rooms: Iterable[int], *, has_calendar: bool
) -> list[str]:
    """Return a sentence for each room, and the calendar, where the bot cannot do its work."""
    if not rooms:
        return []
    guild = await _whole(client, guild_id)
    said = [await _lack(guild, room_id) for room_id in sorted(rooms)]
    names = calendar_needs(guild.me.guild_permissions) if has_calendar else []
    said += [f"For scheduled events grant the bot {', '.join(names)}."] if names else []
    return [sentence for sentence in said if sentence is not None]


async def _lack(guild: discord.Guild, room_id: int) -> str | None:
    room: Any = guild.get_channel_or_thread(room_id)
    try:
        # Not among the active threads: an archived one, maybe.
        room = room or await guild.fetch_channel(room_id)
    except (discord.NotFound, discord.Forbidden):
        return f"Room {room_id} is not there any more, or the bot may not see it."
    if not isinstance(room, Room):
        return f"#{_plain(room.name)} takes no messages."
    names = missing(room, guild.me)
    return f"In #{_plain(room.name)} grant the bot {', '.join(names)}." if names else None


async def _whole(client: discord.Client, guild_id: int) -> discord.Guild:
    """Return a server as the gateway would have told of it."""
    assert client.user is not None  # noqa: S101 - it is logged in; narrows for mypy
    http = client.http
    data: Any = await http.get_guild(guild_id, with_counts=False)
    data["channels"] = await http.get_all_guild_channels(guild_id)
    data["threads"] = (await http.get_active_threads(guild_id))["threads"]
    data["members"] = [await http.get_member(guild_id, client.user.id)]
    # discord.py has no other way to make a whole one of what REST tells.
    return discord.Guild(data=data, state=client._connection)  # noqa: SLF001


def _plain(name: str) -> str:
    return "".join(filter(str.isprintable, name))
