"""Live events: their states, the cards that follow them, and how their broadcasts go.

The programme of each room is kept up to date here, and the cards that it holds back let out. The
functions work in somebody else's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Text, cast, exists, or_, select

from ..domain import cards, live
from ..domain.following import is_card_due, programme
from ..domain.live import SAME_BROADCAST, LiveChange
from ..domain.model import (
    Attachment,
    LiveNotice,
    LiveObservation,
    LivePhase,
    LiveState,
    NewNotice,
    ObjectId,
    ObjectInfo,
    ProgrammeNotice,
    RoomId,
)
from ..domain.places import card_room
from ..domain.series import Sample
from .card_threads import tell_threads
from .engine import Part, reads, writes
from .mapping import RULES, attachment_of, notice_of, object_of, rules_of, state_of, state_text
from .object_rows import (
    SERVER_IS_BARRED,
    attachment_rows,
    in_room,
    lock_object,
    locked_object,
)
from .outbox_rows import WITH_FATES, enqueue, put
from .records import Ingested, LiveEvent
from .reports import fill_samples, keep_sample, series_of, settled_reports, written_on
from .sql import DELIVERED, PROGRAMME, NoticeStage, change
from .tables import attachments, batches, notices, objects

_MESSAGE = select(batches.c.message_id).where(batches.c.id == notices.c.batch_id).scalar_subquery()


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
        """Return the live events that some room takes, or acts in, with their states."""
        is_taken = exists().where(
            attachments.c.object_id == objects.c.object_id,
            or_(attachments.c.announces_live, attachments.c.has_actions),
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
        event = _event(connection, object_id)
        if event is not None:
            keep_sample(connection, object_id, event.state, sample)
            _raise_peak(connection, event, [sample])

    @writes
    def fill_samples(
        self, connection: Connection, object_id: ObjectId, samples: Collection[Sample]
    ) -> None:
        """Keep samples, in any order, of minutes that have none yet; see :meth:`add_sample`."""
        event = _event(connection, object_id)
        if event is not None:
            kept = fill_samples(connection, object_id, event.state, samples)
            _raise_peak(connection, event, kept)

    @writes
    def set_recording(
        self, connection: Connection, object_id: ObjectId, broadcast: int, url: str
    ) -> frozenset[RoomId]:
        """Tell where to see a broadcast again; return the rooms with a card to be edited for it.

        Nothing changes where another broadcast has begun, or is planned, since.
        """
        event = _event(connection, object_id)
        if event is None or event.state.phase is not LivePhase.ENDED:
            return frozenset()
        if event.state.broadcast != broadcast:
            return frozenset()
        state = replace(event.state, recording_url=url)
        _keep_state(connection, event.info, state)
        return show(connection, event.info, state)


def _event(connection: Connection, object_id: ObjectId) -> LiveEvent | None:
    """Return a live event that nobody else may change until the end of the transaction."""
    row = locked_object(connection, object_id)
    state = None if row is None else state_of(row)
    return None if row is None or state is None else LiveEvent(info=object_of(row), state=state)


def _raise_peak(connection: Connection, event: LiveEvent, kept: Iterable[Sample]) -> None:
    """Let the peak of what is on air be no lower than its samples are."""
    counts = [one.viewers for one in kept if one.viewers is not None]
    peak, state = max(counts, default=0), event.state
    if state.phase is LivePhase.LIVE and peak > (state.viewers_peak or 0):
        _keep_state(connection, event.info, replace(state, viewers_peak=peak))


def take_live(
    connection: Connection,
    row: Row[Any],
    seen: LiveObservation,
    *,
    now: datetime,
    same_broadcast: timedelta,
) -> Ingested:
    """Advance the live event in ``row``, queue its new cards and update those there are.

    The first observation ever is remembered in silence.
    """
    info = object_of(row)
    before = state_of(row)
    if row.gone_at is not None:
        change(connection, objects, objects.c.object_id == info.object_id, gone_at=None)
    if before is None:
        _keep_state(connection, info, live.first_state(seen, now))
        return Ingested()
    found = attachment_rows(connection, attachments.c.object_id == info.object_id)
    rooms = [attachment_of(one) for one in found]
    changed: set[RoomId] = set()
    events = 0
    for state, happened in live.steps(before, seen, now, same_broadcast=same_broadcast):
        _keep_state(connection, info, state)
        new = [
            card
            for one in rooms
            for card in cards.cards(described(one, info), state, happened, [one])
        ]
        if happened is LiveChange.SETTLED:
            held = {one.attachment_id: one for one in rooms}
            new = [_leading(connection, one, info, state, held) for one in new]
            new += settled_reports(connection, info, state, rooms, now)
        changed.update(one.room_id for one in enqueue(connection, new, now))
        changed |= show(connection, info, state)
        if happened is LiveChange.SETTLED:
            changed |= _settle(connection, info, state)
        changed |= tell_threads(connection, info.object_id, state, before)
        events += state.phase is not before.phase
        before = state
    return Ingested(new_events=events, rooms=frozenset(changed))


def described(attachment: Attachment, info: ObjectInfo) -> ObjectInfo:
    """Return an object as a card in a room may tell of it, with what it is about."""
    if attachment.bar is not None and attachment.bar.hides_object:
        return attachment.object
    return replace(attachment.object, description=info.description, speakers=info.speakers)


def _keep_state(connection: Connection, of: ObjectInfo, state: LiveState) -> None:
    this = objects.c.object_id == of.object_id
    change(connection, objects, this, live_state=state_text(state))


def show(connection: Connection, of: ObjectInfo, state: LiveState) -> frozenset[RoomId]:
    """Update the cards that show this state; return the rooms where one has changed."""

    def shown(old: LiveNotice, row: Row[Any]) -> LiveNotice:
        # The thread has the ID of the message that it was opened on.
        has_thread = row.message_id is not None and row.message_id == row.place_id
        return cards.showing(old, of, state, rules_of(row), has_thread=has_thread)

    return _revised(connection, of, state, by=shown)


def _settle(connection: Connection, of: ObjectInfo, state: LiveState) -> frozenset[RoomId]:
    """Do what is to be done once a broadcast is over for good; return the rooms concerned."""
    series = series_of(connection, of.object_id, state)
    comments, questions = written_on(connection, of.object_id)

    def settled(old: LiveNotice, row: Row[Any]) -> LiveNotice:
        rules = rules_of(row)
        return cards.settled(old, rules, series, comments=comments, questions=questions)

    return _revised(connection, of, state, by=settled)


def _leading(
    connection: Connection,
    new: NewNotice,
    of: ObjectInfo,
    state: LiveState,
    held: Mapping[int, Attachment],
) -> NewNotice:
    """Have the line of an end lead to the message of the start, if that is out."""
    attachment = held[new.attachment_id or 0]
    message_id = connection.scalar(
        select(batches.c.message_id)
        .join(notices, notices.c.batch_id == batches.c.id)
        .where(
            batches.c.fate == DELIVERED,
            notices.c.room_id == card_room(attachment),
            notices.c.event_key == cards.card_keys(of.object_id, state).start,
        )
    )
    if message_id is None or not isinstance(new.notice, LiveNotice):
        return new
    url = cards.message_url(attachment.guild_id, card_room(attachment), message_id)
    return replace(new, notice=replace(new.notice, start_url=url))


def _revised(
    connection: Connection,
    of: ObjectInfo,
    state: LiveState,
    *,
    by: Callable[[LiveNotice, Row[Any]], LiveNotice],
) -> frozenset[RoomId]:
    """Put what ``by`` makes of them in place of a broadcast's cards, given their rows.

    One that waits and that nobody is to see any more is dropped.
    """
    found = connection.execute(
        WITH_FATES.add_columns(
            attachments.c.barred_at,
            attachments.c.room_id.label("place_id"),
            _MESSAGE.label("message_id"),
            *(attachments.c[name] for name in RULES),
        )
        .join(attachments)
        .where(
            attachments.c.object_id == of.object_id,
            # So that the index of comments serves, which cards are none of.
            notices.c.comment_id.is_(None),
            notices.c.event_key.in_(cards.card_keys(of.object_id, state)),
        )
    )
    rooms = set()
    for row in found.all():
        old = notice_of(row.payload)
        if not isinstance(old, LiveNotice):
            continue
        new = by(old, row)
        if row.barred_at is not None:
            # Not public, and nobody agreed: nothing new of the object itself.
            new = replace(new, object=old.object)
        is_dropped = row.stage == NoticeStage.PENDING and new.is_withdrawn
        if put(connection, row, None if is_dropped else new):
            rooms.add(RoomId(row.room_id))
    return frozenset(rooms)


class Programmes(Part):
    """The part of the store that keeps a room from being flooded with what is planned."""

    @writes
    def keep(self, connection: Connection, now: datetime) -> frozenset[RoomId]:
        """Bring every programme up to date, and queue the cards that are due by now.

        Returns the rooms with something to post or to edit.
        """
        rows = attachment_rows(connection, attachments.c.is_on_programme)
        changed = set()
        for row in rows:
            state = state_of(row)
            if state is not None and is_card_due(state, now):
                about = described(attachment_of(row), object_of(row))
                let_out = _let_out(connection, attachment_of(row), about, state, now)
                changed.update(let_out)
                # Seldom, for it holds up others: something may have changed since it was read.
                event = _event(connection, about.object_id) if let_out else None
                changed |= set() if event is None else show(connection, event.info, event.state)
        for room_id in {card_room(attachment_of(row)) for row in rows}:
            if refresh_programme(connection, room_id, now):
                changed.add(room_id)
        return frozenset(changed)


def refresh_programme(connection: Connection, room_id: RoomId, now: datetime) -> bool:
    """Bring the programme of a room up to date; return whether there is anything to do for it."""
    # First: somebody may be at it whose change would be taken back otherwise.
    held = _held(connection, room_id)
    listed = _listed(connection, room_id)
    if held is None and listed is not None:
        # Who takes one of them out does not see yet that there is a programme.
        for object_id in sorted(one.object.object_id for one in listed.planned):
            lock_object(connection, object_id)
        listed = _listed(connection, room_id)
    if held is None:
        if listed is None:
            return False
        new = NewNotice(attachment_id=None, room_id=room_id, event_key=PROGRAMME, notice=listed)
        return bool(enqueue(connection, [new], now))
    if listed is not None:
        return put(connection, held, listed) or held.stage == NoticeStage.PENDING
    return _withdraw(connection, held)


def _listed(connection: Connection, room_id: RoomId) -> ProgrammeNotice | None:
    rows = attachment_rows(connection, in_room(room_id))
    states = ((attachment_of(row), state_of(row)) for row in rows)
    return programme((one, state) for one, state in states if state is not None)


def has_programme(connection: Connection, room_id: RoomId) -> bool:
    """Tell whether a room has one now."""
    return _held(connection, room_id) is not None


def _held(connection: Connection, room_id: RoomId) -> Row[Any] | None:
    query = WITH_FATES.where(notices.c.room_id == room_id, notices.c.event_key == PROGRAMME)
    return connection.execute(query).one_or_none()


def _withdraw(connection: Connection, held: Row[Any]) -> bool:
    if held.stage == NoticeStage.PENDING:
        return put(connection, held, None)
    old = notice_of(held.payload)
    # The next programme of the room is another message.
    freed = notices.c.event_key + "@" + cast(notices.c.id, Text)
    change(connection, notices, notices.c.id == held.id, event_key=freed)
    return isinstance(old, ProgrammeNotice) and put(
        connection, held, replace(old, is_withdrawn=True)
    )


def _let_out(
    connection: Connection,
    attachment: Attachment,
    about: ObjectInfo,
    state: LiveState,
    now: datetime,
) -> list[RoomId]:
    shown = replace(attachment, is_on_programme=False)
    # What is on air has been announced when it began.
    opened = cards.opening(about, state, shown, mentions=False)
    return [one.room_id for one in enqueue(connection, opened, now)]
