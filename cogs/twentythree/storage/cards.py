"""What news of a live event do to its state and its cards, in somebody else's transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from ..domain import cards, live
from ..domain.live import LiveChange
from ..domain.model import (
    AttachmentRules,
    GuildId,
    LiveNotice,
    LiveObservation,
    LiveState,
    NewNotice,
    ObjectInfo,
    RoomId,
)
from .barring import bar_unagreed, free
from .mapping import (
    RULES,
    attachment_of,
    notice_of,
    object_of,
    object_values,
    payload_of,
    rules_of,
    state_of,
    state_text,
)
from .memory import attachment_rows, enqueue, locked_object
from .records import Ingested, Refreshed
from .samples import series_of
from .sql import change, remove
from .tables import DELIVERED, NoticeStage, attachments, batches, notices, objects


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
    if before is None:
        keep_state(connection, info, live.first_state(seen, now))
        return Ingested()
    found = attachment_rows(connection, attachments.c.object_id == info.object_id)
    rooms = [attachment_of(one) for one in found]
    queued: list[RoomId] = []
    changed: set[RoomId] = set()
    events = 0
    for state, happened in live.steps(before, seen, now, same_broadcast=same_broadcast):
        keep_state(connection, info, state)
        new = [c for one in rooms for c in cards.cards(one.object, state, happened, [one])]
        if happened is LiveChange.SETTLED:
            guilds = {one.room_id: one.guild_id for one in rooms}
            new = [_leading(connection, one, info, state, guilds) for one in new]
        queued += [one.room_id for one in enqueue(connection, new, now)]
        changed |= show(connection, info, state)
        if happened is LiveChange.SETTLED:
            changed |= settle(connection, info, state)
        events += state.phase is not before.phase
        before = state
    return Ingested(
        new_notices=len(queued), new_events=events, rooms=frozenset(changed.union(queued))
    )


def keep_state(connection: Connection, of: ObjectInfo, state: LiveState) -> None:
    """Write the state of a live event."""
    change(
        connection,
        objects,
        objects.c.object_id == of.object_id,
        live_state=state_text(state),
    )


def show(connection: Connection, of: ObjectInfo, state: LiveState) -> frozenset[RoomId]:
    """Update the cards that show this state; return the rooms where one has changed."""
    return _revised(
        connection, of, state, by=lambda old, rules: cards.showing(old, of, state, rules)
    )


def settle(connection: Connection, of: ObjectInfo, state: LiveState) -> frozenset[RoomId]:
    """Do what is to be done once a broadcast is over for good; return the rooms concerned."""
    series = series_of(connection, of.object_id, state)
    return _revised(connection, of, state, by=lambda old, rules: cards.settled(old, rules, series))


def _leading(
    connection: Connection,
    new: NewNotice,
    of: ObjectInfo,
    state: LiveState,
    guilds: Mapping[RoomId, GuildId],
) -> NewNotice:
    """Have the line of an end lead to the message of the start, if that is out."""
    message_id = connection.scalar(
        select(batches.c.message_id)
        .join(notices, notices.c.batch_id == batches.c.id)
        .where(
            batches.c.fate == DELIVERED,
            notices.c.room_id == new.room_id,
            notices.c.event_key == cards.card_keys(of.object_id, state).start,
        )
    )
    if message_id is None or not isinstance(new.notice, LiveNotice):
        return new
    url = cards.message_url(guilds[new.room_id], new.room_id, message_id)
    return replace(new, notice=replace(new.notice, start_url=url))


def _revised(
    connection: Connection,
    of: ObjectInfo,
    state: LiveState,
    *,
    by: Callable[[LiveNotice, AttachmentRules], LiveNotice],
) -> frozenset[RoomId]:
    """Put what ``by`` makes of them in place of a broadcast's cards.

    A card that waits is replaced in place, or dropped if nobody is to see it; one that is out, or
    on its way, becomes stale.
    """
    found = connection.execute(
        select(notices, attachments.c.barred_at, *(attachments.c[name] for name in RULES))
        .join(attachments)
        .where(
            attachments.c.object_id == of.object_id,
            # Again, so that the unique key (room, event) serves.
            notices.c.room_id == attachments.c.room_id,
            notices.c.event_key.in_(cards.card_keys(of.object_id, state)),
        )
    )
    rooms = set()
    for row in found.all():
        old, is_waiting = notice_of(row.payload), row.stage == NoticeStage.PENDING
        if not isinstance(old, LiveNotice):
            continue
        new = by(old, rules_of(row))
        if row.barred_at is not None:
            # Not public, and nobody agreed: nothing new of the object itself.
            new = replace(new, object=old.object)
        if new == old:
            continue
        this = notices.c.id == row.id
        if is_waiting and new.is_withdrawn:
            remove(connection, notices, this)
            continue
        change(connection, notices, this, payload=payload_of(new), is_stale=not is_waiting)
        rooms.add(RoomId(row.room_id))
    return frozenset(rooms)


def refresh(connection: Connection, info: ObjectInfo, now: datetime) -> Refreshed:
    """Take a new title, link or picture of an object, and whether it is public.

    The cards of a live event follow, except where it is barred for not being public.
    """
    row = locked_object(connection, info.object_id)
    if row is None or object_of(row) == info:
        return Refreshed()
    # First: it keeps what the rooms know.
    barred = () if info.is_public else bar_unagreed(connection, object_of(row), now)
    which = objects.c.object_id == info.object_id
    change(connection, objects, which, **object_values(info))
    freed = free(connection, info) if info.is_public else frozenset()
    state = state_of(row)
    shown = frozenset() if state is None else show(connection, info, state)
    is_turned = info.is_public is not object_of(row).is_public
    return Refreshed(rooms=freed | shown, is_turned=is_turned, barred=barred)
