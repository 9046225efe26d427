"""What rooms have set for themselves, and servers for all of their rooms.

What a room leaves out by it is counted, and taken out of what waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, literal, or_, select

from ..domain.admission import is_hidden
from ..domain.model import Attachment, CommentNotice, GuildId, Notice, ObjectId, RoomId
from ..domain.places import posts_to
from ..domain.room_settings import NOTHING_SET, RoomSettings, RoomSettingsAsked
from ..languages import Language, language_of
from .engine import Part, reads, writes
from .mapping import attachment_of, settings_of, settings_values
from .object_rows import SETTING_ROOM, attachment_rows, lock_object
from .outbox_rows import revise_waiting
from .sql import change, insert_missing, upsert
from .tables import attachments, follows, rooms, servers


def settings_without(connection: Connection, room_id: RoomId) -> tuple[RoomSettings, str | None]:
    """Return what counts in a room to which nothing is attached, and its server's locale.

    The log goes to such a room, and the programme of a follow that has found nothing yet.
    """
    follower = select(follows.c.guild_id).where(follows.c.room_id == room_id)
    its = or_(servers.c.log_room_id == room_id, servers.c.guild_id.in_(follower))
    server = connection.execute(select(servers).where(its)).first()
    room = connection.execute(select(rooms).where(rooms.c.room_id == room_id)).one_or_none()
    below = RoomSettings() if server is None else settings_of(server).over(RoomSettings())
    held = below if room is None else settings_of(room).over(below)
    return held, None if server is None else server.locale


def count_hidden(
    connection: Connection, hidden: Iterable[RoomId], of: Sequence[Row[Any]], now: datetime
) -> None:
    """Count comments that rooms leave out; of a post, its forum.

    Args:
        connection: within whose transaction.
        hidden: a room for each comment.
        of: the attachments in these rooms.
        now: the time, aware.
    """
    since = literal(now, rooms.c.hidden_since.type)
    held = {RoomId(row.room_id): row for row in of}
    places = Counter((held[one].forum_id or one, held[one].guild_id) for one in hidden)
    for (room_id, guild_id), count in places.items():
        insert_missing(
            connection, rooms, [{"room_id": room_id, "guild_id": guild_id}], rooms.c.room_id
        )
        change(
            connection,
            rooms,
            rooms.c.room_id == room_id,
            hidden_count=rooms.c.hidden_count + count,
            hidden_since=func.coalesce(rooms.c.hidden_since, since),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomsSet:
    """What a server and its rooms have set; ``rooms`` are those that have set anything.

    ``hidden``: how many comments a room has left out, and since when. ``locale``: what Discord
    says of the server's language.
    """

    defaults: RoomSettingsAsked
    rooms: dict[RoomId, RoomSettingsAsked]
    hidden: dict[RoomId, tuple[int, datetime]]
    locale: str | None = None

    def in_force(self, room_id: RoomId) -> RoomSettings:
        """Return what counts in a room; of a post, ask for its forum."""
        below = self.defaults.over(RoomSettings())
        return self.rooms.get(room_id, NOTHING_SET).over(below)

    def language(self, room_id: RoomId | None = None) -> Language:
        """Return the language of a room, or of what is said to the whole server."""
        held = self.in_force(room_id) if room_id else self.defaults.over(RoomSettings())
        return held.language.in_server(self.locale)


class KeptSettings(Part):
    """The part of the store behind ``/video room`` and ``/video defaults``."""

    @reads
    def of_server(self, connection: Connection, guild_id: GuildId) -> RoomsSet:
        """Return what a server and its rooms have set."""
        found = connection.execute(select(rooms).where(rooms.c.guild_id == guild_id)).all()
        held = {RoomId(row.room_id): settings_of(row) for row in found}
        of_it = select(servers).where(servers.c.guild_id == guild_id)
        server = connection.execute(of_it).one_or_none()
        return RoomsSet(
            defaults=NOTHING_SET if server is None else settings_of(server),
            locale=None if server is None else server.locale,
            rooms={room_id: one for room_id, one in held.items() if one != NOTHING_SET},
            hidden={
                RoomId(row.room_id): (row.hidden_count, row.hidden_since)
                for row in found
                if row.hidden_count
            },
        )

    @writes
    def set_room(
        self,
        connection: Connection,
        guild_id: GuildId,
        room_id: RoomId,
        asked: RoomSettingsAsked,
        now: datetime,
    ) -> None:
        """Have a room set this, and nothing else; what waits and is left out now is withdrawn."""
        these = SETTING_ROOM.in_([room_id])
        _lock_objects(connection, these)
        row = {"room_id": room_id, "guild_id": guild_id, **settings_values(asked)}
        upsert(connection, rooms, [row])
        _apply(connection, attachment_rows(connection, these), now)

    @writes
    def set_defaults(
        self, connection: Connection, guild_id: GuildId, asked: RoomSettingsAsked, now: datetime
    ) -> None:
        """Have a server set this for its rooms, and nothing else; as :meth:`set_room`."""
        of_server = attachments.c.guild_id == guild_id
        _lock_objects(connection, of_server)
        upsert(connection, servers, [{"guild_id": guild_id, **settings_values(asked)}])
        _apply(connection, attachment_rows(connection, of_server), now)

    @writes
    def know_locales(self, connection: Connection, locales: Mapping[GuildId, str]) -> None:
        """Take over what Discord says of the servers' languages.

        Of English, which goes without saying, nothing new is kept.
        """
        known = connection.execute(select(servers.c.guild_id, servers.c.locale)).all()
        held = {GuildId(row.guild_id): row.locale for row in known}
        rows = [
            {"guild_id": guild_id, "locale": locale}
            for guild_id, locale in locales.items()
            if held.get(guild_id) != locale
            and (guild_id in held or language_of(locale) is not Language.ENGLISH)
        ]
        upsert(connection, servers, rows)


def _lock_objects(connection: Connection, which: ColumnElement[bool]) -> None:
    """Let nothing come in meanwhile: it would be judged by what was set before, and wait unseen.

    Before the row of the room, as whoever takes something in does.
    """
    if connection.dialect.name == "sqlite":  # whose writers are alone already
        return
    query = select(attachments.c.object_id).where(which).distinct()
    for object_id in connection.scalars(query.order_by(attachments.c.object_id)).all():
        lock_object(connection, ObjectId(object_id))


def _apply(connection: Connection, held: Sequence[Row[Any]], now: datetime) -> None:
    """Withdraw what waits in rooms that leave it out now, and count it."""
    # What is for a thread that is to be opened waits apart from its room.
    places = {posts_to(one): one for one in map(attachment_of, held)}
    hidden: Counter[RoomId] = Counter()
    for place, of_it in places.items():

        def kept(notice: Notice, of_it: Attachment = of_it) -> Notice | None:
            if not isinstance(notice, CommentNotice) or not is_hidden(
                of_it.settings, notice.comment
            ):
                return notice
            hidden[of_it.room_id] += 1
            return None

        revise_waiting(connection, [place], by=kept)
    count_hidden(connection, hidden.elements(), held, now)
