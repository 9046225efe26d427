"""What is wrong now, and what works when the work begins."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from ..api import WorkspaceClient, is_reader
from ..domain.model import Attachment, GuildId, ObjectId
from ..domain.places import rooms_of
from ..domain.troubles import Fault, Kind
from ..errors import CredentialsRefusedError, StorageError, WorkspaceError
from ..intake import Bridge, Mode
from ..storage import Why
from ..wiring import Services

_log = logging.getLogger("twentythree")

# Realtime is connected within seconds, where it is.
_REALTIME_S = 10.0
_LOOK_S = 0.25
# Whoever asks whether all is well does not wait for long.
_PATIENCE_S = 3.0
_OF_STORE = {
    Why.GONE: Kind.DATABASE_GONE,
    Why.FULL: Kind.DATABASE_FULL,
    Why.AWAY: Kind.DATABASE_AWAY,
    Why.READ_ONLY: Kind.DATABASE_READ_ONLY,
    Why.LOCKED: Kind.DATABASE_LOCKED,
    Why.UNUSABLE: Kind.DATABASE_UNUSABLE,
}


async def faults(
    services: Services,
    guild_id: GuildId | None = None,
    object_id: ObjectId | None = None,
    *,
    writes: bool = True,
) -> dict[Kind, Fault]:
    """Return what is wrong (for a server, for an object), within seconds; see ``domain.troubles``.

    ``writes``: a word to the database, to see whether that is possible. Where it was not the last
    time, that is tried in any case.
    """
    store, api, bridge = services.store, services.api, services.bridge
    if writes or store.broken is not None:
        await store.look(_PATIENCE_S)
    found = bridge.faults(guild_id, object_id)
    held = bridge.remembered(guild_id, object_id)
    rooms = None if guild_id is None else {room for one in held for room in rooms_of(one)}
    found |= services.rooms.faults(rooms) | _of_acting(held, api)
    broken, doubt, trouble = store.broken, services.lead.doubt, api.trouble
    if broken is not None:
        found[_OF_STORE[broken.why]] = Fault(since=broken.since, detail=broken.text)
    elif doubt is not None:
        found[Kind.DATABASE_AWAY] = Fault(since=doubt.since, detail=doubt.text)
    if trouble is not None:
        is_refusal = isinstance(trouble, CredentialsRefusedError)
        kind = Kind.CREDENTIALS_REFUSED if is_refusal else Kind.WORKSPACE_AWAY
        detail = str(trouble) if is_refusal else ""
        found[kind] = Fault(since=api.trouble_since, detail=detail)
    return found


def _of_acting(held: Sequence[Attachment], api: WorkspaceClient) -> dict[Kind, Fault]:
    rooms = {one.room_id for one in held if one.rules.has_actions}
    if not rooms or api.can_write is not False:
        return {}
    return {Kind.CANNOT_ACT: Fault(count=len(rooms), said=api.level or "")}


async def tell_start(services: Services, servers: int) -> None:
    """Say in one line of the log that all works, or what does not yet.

    ``servers``: in how many the bot is.
    """
    if not servers:
        _log.warning("started, and not of use yet: the bot is in no server; invite it to one")
        return
    try:
        _log.info("it works: %s", await _what_works(services, servers))
    except (WorkspaceError, StorageError) as error:
        _log.warning("started, and not of use yet: %s", error)


async def _what_works(services: Services, servers: int) -> str:
    attachments = (await services.store.upkeep.counts()).attachments
    site = await services.api.site()
    level = f"permission level {site.permission_level}"
    if not is_reader(site.permission_level):
        level = f"{level}: public data only"
    counts = f"{_many(servers, 'server')}, {_many(attachments, 'attachment')}"
    where = f"workspace {site.name} ({min(site.hosts, default='?')}), {level}"
    return f"{counts}; {where}; {await _coming_in(services.bridge, is_idle=not attachments)}"


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
