"""The servers that the bot is in, and what it lacks in the rooms that it is to post in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Final

import aiohttp
import discord

from ..delivery.permissions import Room, missing
from ..domain.barring import Servers
from ..storage import Store
from .results import CheckResult

_Rooms = Mapping[int, set[int]]
_NOWHERE: Final = "The bot is in no server yet; invite it with the link above."


async def check_servers(
    client: discord.Client, store: Store | None, admitted: Servers
) -> AsyncIterator[CheckResult]:
    """Look at each server over REST; ``client`` is logged in and need not be connected."""
    try:
        async for result in _results(client, await _rooms(store), admitted):
            yield result
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
        problem = f"Discord did not tell of all servers ({type(error).__name__}); try again later."
        yield CheckResult(name="Discord servers", problem=problem)


async def _results(
    client: discord.Client, rooms: _Rooms, admitted: Servers
) -> AsyncIterator[CheckResult]:
    seen: set[int] = set()
    async for guild in client.fetch_guilds(limit=None, with_counts=False):
        seen.add(guild.id)
        if not admitted.allows(guild.id):
            yield not_allowed(_plain(guild.name), guild.id)
            continue
        wanted = rooms.get(guild.id, set())
        lacks = await _lacks(client, guild.id, wanted)
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


async def _rooms(store: Store | None) -> _Rooms:
    """Return the rooms that something is attached to, or shall be, by server."""
    rooms: dict[int, set[int]] = defaultdict(set)
    if store is not None:
        for attachment in await store.attachments.find():
            rooms[attachment.guild_id].add(attachment.room_id)
        for follow in await store.follows.find():
            rooms[follow.guild_id].add(follow.room_id)
    return rooms


async def _lacks(client: discord.Client, guild_id: int, rooms: Iterable[int]) -> list[str]:
    """Return a sentence for each room where the bot cannot do its work."""
    if not rooms:
        return []
    guild = await _whole(client, guild_id)
    said = [await _lack(guild, room_id) for room_id in sorted(rooms)]
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
