"""Where the news of each object are published. The channels are secrets."""

from __future__ import annotations

from sqlalchemy import Connection, select

from ..relay.model import ObjectId
from ..relay.realtime import RealtimeAddress
from .engine import Part, reads, writes
from .memory import locked_object
from .sql import upsert
from .tables import channels


class Realtime(Part):
    """The part of the store by which a restart knows what to listen to."""

    @reads
    def realtime_addresses(self, connection: Connection) -> dict[ObjectId, RealtimeAddress]:
        """Return what is remembered, by object."""
        return {
            ObjectId(row.object_id): RealtimeAddress(
                url=row.url, comments_root=row.comments_root, events=row.events
            )
            for row in connection.execute(select(channels))
        }

    @writes
    def remember_realtime(
        self, connection: Connection, object_id: ObjectId, address: RealtimeAddress
    ) -> None:
        """Remember the address of an object for as long as it is attached anywhere."""
        if locked_object(connection, object_id) is None:
            return
        row = {
            "object_id": object_id,
            "url": address.url,
            "comments_root": address.comments_root,
            "events": address.events,
        }
        upsert(connection, channels, [row])
