"""Where the news of each object are published. The channels are secrets."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from ..domain.model import ObjectId
from ..domain.needs import RealtimeAddress
from .engine import Part, reads, writes
from .sql import chunks, upsert
from .tables import channels, objects


class RealtimeAddresses(Part):
    """The part of the store by which a restart knows what to listen to."""

    @reads
    def find(self, connection: Connection) -> dict[ObjectId, RealtimeAddress]:
        """Return what is remembered, by object."""
        return {
            ObjectId(row.object_id): RealtimeAddress(
                url=row.url, comments_root=row.comments_root, events=row.events
            )
            for row in connection.execute(select(channels))
        }

    @writes
    def remember(self, connection: Connection, told: Mapping[ObjectId, RealtimeAddress]) -> None:
        """Remember the addresses of objects, each for as long as it is attached anywhere."""
        for ids in chunks(sorted(told)):
            attached = connection.scalars(
                select(objects.c.object_id).where(objects.c.object_id.in_(ids)).with_for_update()
            ).all()
            upsert(connection, channels, [_row(one, told[ObjectId(one)]) for one in attached])


def _row(object_id: int, address: RealtimeAddress) -> dict[str, int | str | None]:
    return {
        "object_id": object_id,
        "url": address.url,
        "comments_root": address.comments_root,
        "events": address.events,
    }
