"""What is known of live events beside their comments: states, samples, recordings."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, select

from ..domain.live import SAME_BROADCAST
from ..domain.model import LiveObservation, LivePhase, LiveState, ObjectId, ObjectInfo, RoomId
from ..domain.series import Sample
from .barring import SERVER_IS_BARRED
from .cards import keep_state, show, take_live
from .engine import Part, reads, writes
from .mapping import object_of, state_of
from .memory import locked_object
from .records import Ingested, LiveEvent
from .samples import fill_samples, keep_sample
from .tables import attachments, objects


class Broadcasts(Part):
    """The part of the store that follows live events."""

    @writes
    def ingest(
        self,
        connection: Connection,
        seen: LiveObservation,
        *,
        now: datetime,
        same_broadcast: timedelta = SAME_BROADCAST,
    ) -> Ingested:
        """Take an observation of a live event; an object not attached has no news.

        ``same_broadcast``: see ``domain.live``.
        """
        row = locked_object(connection, seen.object_id)
        if row is None:
            return Ingested()
        return take_live(connection, row, seen, now=now, same_broadcast=same_broadcast)

    @reads
    def live_events(self, connection: Connection) -> list[LiveEvent]:
        """Return the live events that some room takes, with their states."""
        is_taken = exists().where(
            attachments.c.object_id == objects.c.object_id,
            attachments.c.announces_live,
            ~SERVER_IS_BARRED,
        )
        query = (
            select(objects)
            .where(objects.c.live_state.is_not(None), is_taken)
            .order_by(objects.c.object_id)
        )
        rows = (connection.execute(query)).all()
        states = [(object_of(row), state_of(row)) for row in rows]
        return [LiveEvent(info=info, state=state) for info, state in states if state]

    @writes
    def add_sample(self, connection: Connection, object_id: ObjectId, sample: Sample) -> None:
        """Keep how many watch and what has been written; nothing where it is not on air."""
        row = locked_object(connection, object_id)
        state = None if row is None else state_of(row)
        if row is not None and state is not None:
            keep_sample(connection, object_id, state, sample)
            _raise_peak(connection, object_of(row), state, [sample])

    @writes
    def fill_samples(
        self, connection: Connection, object_id: ObjectId, samples: Collection[Sample]
    ) -> None:
        """Keep samples, in any order, of minutes that have none yet; see :meth:`add_sample`."""
        row = locked_object(connection, object_id)
        state = None if row is None else state_of(row)
        if row is not None and state is not None:
            kept = fill_samples(connection, object_id, state, samples)
            _raise_peak(connection, object_of(row), state, kept)

    @writes
    def set_recording(
        self, connection: Connection, object_id: ObjectId, broadcast: int, url: str
    ) -> frozenset[RoomId]:
        """Tell where to see a broadcast again; return the rooms with a card to be edited for it.

        Nothing changes where another broadcast has begun, or is planned, since.
        """
        row = locked_object(connection, object_id)
        state = None if row is None else state_of(row)
        if row is None or state is None or state.phase is not LivePhase.ENDED:
            return frozenset()
        if state.broadcast != broadcast:
            return frozenset()
        info, state = object_of(row), replace(state, recording_url=url)
        keep_state(connection, info, state)
        return show(connection, info, state)


def _raise_peak(
    connection: Connection, of: ObjectInfo, state: LiveState, kept: Iterable[Sample]
) -> None:
    """Let the peak of what is on air be no lower than its samples are."""
    counts = [one.viewers for one in kept if one.viewers is not None]
    peak = max(counts, default=0)
    if state.phase is LivePhase.LIVE and peak > (state.viewers_peak or 0):
        keep_state(connection, of, replace(state, viewers_peak=peak))
