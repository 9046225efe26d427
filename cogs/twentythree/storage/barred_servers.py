"""Which servers are barred, and forgetting those that removed the bot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, union

from ..domain.barring import Bar, Membership, Servers
from ..domain.cards import AtDetach
from ..domain.model import GuildId, ObjectId, RoomId
from ..domain.places import rooms_of
from .engine import Part, reads, writes
from .mapping import attachment_of
from .moving import withdraw
from .object_rows import attachment_rows, forget_object, locked_object
from .records import ServersChanged
from .sql import remove, upsert
from .tables import (
    attachments,
    barred_servers,
    batches,
    followed,
    follows,
    known_servers,
    notices,
    outages,
    rooms,
    scheduled_events,
    servers,
    takings,
    trail,
)

# In the place of a server's ID: since when they are noted.
_SINCE = 0


class BarredServers(Part):
    """The part of the store that keeps servers apart."""

    @writes
    def know(
        self,
        connection: Connection,
        *,
        membership: Membership,
        servers: Servers,
        now: datetime,
    ) -> ServersChanged:
        """Take over which servers the bot is in, and which of them may use the workspace.

        Those that Discord has not told of yet are gone if they were. Which are new is told once.
        """
        new_ones = _noted(connection, membership, now)
        had = _barred(connection)
        wanted = _bars(connection, membership, servers, had)
        new = {guild: bar for guild, bar in wanted.items() if had.get(guild) is not bar}
        freed = had.keys() - wanted.keys()
        rows = [{"guild_id": guild, "bar": bar, "since": now} for guild, bar in new.items()]
        upsert(connection, barred_servers, rows)
        remove(connection, barred_servers, barred_servers.c.guild_id.in_(freed))
        concerned = attachment_rows(connection, attachments.c.guild_id.in_([*new.keys(), *freed]))
        return ServersChanged(
            barred=new,
            freed=frozenset(freed),
            objects=frozenset(ObjectId(row.object_id) for row in concerned),
            rooms=frozenset(RoomId(row.room_id) for row in concerned if row.guild_id in freed),
            joined=frozenset(one for one in new_ones if servers.allows(one)),
        )

    @reads
    def find(self, connection: Connection) -> frozenset[GuildId]:
        """Return the servers that get nothing now."""
        return frozenset(_barred(connection))

    @writes
    def forget(
        self, connection: Connection, gone_before: datetime
    ) -> tuple[frozenset[GuildId], frozenset[ObjectId]]:
        """Forget servers that removed the bot before a time, and what was attached there.

        Returns the servers, and the objects that were attached in them.
        """
        is_due = (barred_servers.c.bar == Bar.GONE, barred_servers.c.since < gone_before)
        due = list(connection.scalars(select(barred_servers.c.guild_id).where(*is_due)))
        objects: set[ObjectId] = set()
        for guild_id in due:
            objects |= _forget(connection, guild_id)
        remove(connection, barred_servers, barred_servers.c.guild_id.in_(due))
        return frozenset(map(GuildId, due)), frozenset(objects)


def _noted(connection: Connection, membership: Membership, now: datetime) -> frozenset[GuildId]:
    """Note which servers the bot is in; return those that got it since that is done."""
    rows = connection.execute(select(known_servers)).all()
    known = {row.guild_id: row.known_at for row in rows}
    since = known.pop(_SINCE, now)
    new = membership.joined.keys() - known.keys()
    ids = new if rows else {_SINCE, *new}
    upsert(connection, known_servers, [{"guild_id": one, "known_at": now} for one in ids])
    gone = [one for one in known if one not in membership.present and membership.is_told_of(one)]
    remove(connection, known_servers, known_servers.c.guild_id.in_(gone))
    return frozenset(GuildId(one) for one in new if membership.joined[one] > since)


def _barred(connection: Connection) -> Mapping[GuildId, Bar]:
    rows = connection.execute(select(barred_servers.c.guild_id, barred_servers.c.bar)).all()
    return {GuildId(row.guild_id): Bar(row.bar) for row in rows}


def _bars(
    connection: Connection,
    membership: Membership,
    admitted: Servers,
    had: Mapping[GuildId, Bar],
) -> dict[GuildId, Bar]:
    """Return what bars each server of which there is anything here."""
    columns = (one.c.guild_id for one in (attachments, follows, rooms, servers, trail))
    known = connection.scalars(union(*map(select, columns))).all()
    bars: dict[GuildId, Bar] = {}
    for guild_id in map(GuildId, known):
        is_known = membership.is_told_of(guild_id)
        was_gone = had.get(guild_id) is Bar.GONE
        if guild_id not in membership.present and (is_known or was_gone):
            bars[guild_id] = Bar.GONE
        elif not admitted.allows(guild_id):
            bars[guild_id] = Bar.NOT_ALLOWED
    return bars


def _forget(connection: Connection, guild_id: int) -> set[ObjectId]:
    rows = attachment_rows(connection, attachments.c.guild_id == guild_id)
    places: set[int] = {room for row in rows for room in rooms_of(attachment_of(row))}
    places.update(_log_rooms(connection, guild_id))
    for held in map(attachment_of, rows):
        locked_object(connection, held.object.object_id)
        withdraw(connection, held, AtDetach.DELETE)
        if not attachment_rows(connection, attachments.c.object_id == held.object.object_id):
            forget_object(connection, held.object.object_id)
    remove(connection, notices, notices.c.room_id.in_(places))
    remove(connection, batches, batches.c.room_id.in_(places))
    remove(connection, takings, takings.c.guild_id == guild_id)
    mine = select(follows.c.id).where(follows.c.guild_id == guild_id)
    remove(connection, followed, followed.c.follow_id.in_(mine))
    for table in (follows, outages, rooms, scheduled_events, servers, trail):
        remove(connection, table, table.c.guild_id == guild_id)
    return {ObjectId(row.object_id) for row in rows}


def _log_rooms(connection: Connection, guild_id: int) -> Sequence[int]:
    query = select(servers.c.log_room_id).where(servers.c.guild_id == guild_id)
    return connection.scalars(query.where(servers.c.log_room_id.is_not(None))).all()
