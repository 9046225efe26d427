"""How an attachment comes, changes and goes, in somebody else's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Text, cast, exists, or_, select

from ..domain import cards, ingest, live
from ..domain.cards import AtDetach
from ..domain.ingest import Remembered
from ..domain.model import (
    Attachment,
    Comment,
    CommentNotice,
    CommentPolicy,
    LiveNotice,
    LivePhase,
    LiveState,
    NewNotice,
    ObjectInfo,
    Source,
)
from ..domain.programme import is_card_due
from .barring import free
from .cards import refresh, show, take_live
from .mapping import attachment_of, notice_of, object_values, rules_values, state_of, state_text
from .memory import (
    attachment_rows,
    enqueue,
    locked_object,
    put,
    raise_watermark,
    remember,
    revise,
    waiting_rows,
)
from .news import take_comments, under
from .programmes import refresh_programme
from .records import Attached, Baseline, Ingested, NewAttachment, Refreshed
from .sql import change, insert_missing, remove
from .tables import DELIVERED, NoticeStage, attachments, batches, notices, objects

WITHDRAWN = "withdrawn"


def ensure_object(
    connection: Connection, info: ObjectInfo, baseline: Baseline, now: datetime
) -> Refreshed | None:
    """Write the object, or what is new of it; ``None``: it was attached nowhere before."""
    state = None if baseline.live is None else live.first_state(baseline.live, now)
    values = {
        **object_values(info),
        "watermark": baseline.watermark,
        "live_state": None if state is None else state_text(state),
    }
    is_first = bool(insert_missing(connection, objects, [values], objects.c.object_id))
    return None if is_first else refresh(connection, info, now)


def attach_here(
    connection: Connection,
    new: NewAttachment,
    baseline: Baseline,
    *,
    is_first: bool,
    mentions: bool = False,
    backfill: Sequence[Comment] = (),
    now: datetime,
    same_broadcast: timedelta = live.SAME_BROADCAST,
) -> Attached:
    """Attach an object, whose row is there, to a room that does not have it yet.

    ``mentions``: whether the card of what is on air already may mention the role.
    """
    seen = [*baseline.comments, *backfill]
    ingested = Ingested()
    if is_first:
        remember(connection, new.object.object_id, _memory_of(seen))
    else:
        # Before the new attachment is there: this is news for the other rooms only.
        ingested = _tell_others(
            connection, new.object, seen, baseline, now=now, same_broadcast=same_broadcast
        )
    attachment_id = connection.scalar(
        attachments.insert()
        .values(
            guild_id=new.guild_id,
            room_id=new.room_id,
            forum_id=new.forum_id,
            parent_id=new.parent_id,
            is_agreed=new.is_agreed,
            object_id=new.object.object_id,
            floor=baseline.floor,
            attached_by=new.attached_by,
            attached_at=now,
            is_on_programme=new.is_on_programme,
            **rules_values(new.rules),
        )
        .returning(attachments.c.id)
    )
    (row,) = attachment_rows(connection, attachments.c.id == attachment_id)
    attachment = attachment_of(row)
    queued = enqueue(connection, _old_notices(attachment, backfill, now), now)
    return Attached(
        attachment=attachment,
        is_new=True,
        backfilled=len(queued),
        opened=_open(connection, attachment, mentions=mentions, now=now),
        phase=_phase(connection, attachment),
        ingested=ingested,
    )


def _phase(connection: Connection, attachment: Attachment) -> LivePhase | None:
    state = _state(connection, attachment)
    return state.phase if state is not None and attachment.rules.announces_live else None


def _state(connection: Connection, attachment: Attachment) -> LiveState | None:
    row = locked_object(connection, attachment.object.object_id)
    return None if row is None else state_of(row)


def _open(
    connection: Connection, attachment: Attachment, *, mentions: bool, now: datetime
) -> LiveState | None:
    """Queue the card of what is planned or on air; return what it shows, ``None``: no card."""
    state = _state(connection, attachment)
    if state is None or (attachment.is_on_programme and not is_card_due(state, now)):
        return None
    shown = replace(attachment, is_on_programme=False)
    opened = cards.opening(attachment.object, state, shown, mentions=mentions)
    return state if enqueue(connection, opened, now) else None


def with_news(attached: Attached, refreshed: Refreshed) -> Attached:
    """Add what the look at the object before attaching it has changed for other rooms."""
    told = attached.ingested
    ingested = replace(told, rooms=told.rooms | refreshed.rooms)
    here = attached.attachment.attachment_id
    barred = tuple(one for one in refreshed.barred if one.attachment_id != here)
    return replace(attached, ingested=ingested, barred=barred)


def change_rules(
    connection: Connection,
    attachment: Attachment,
    new: NewAttachment,
    baseline: Baseline,
    *,
    now: datetime,
    same_broadcast: timedelta = live.SAME_BROADCAST,
) -> Attached:
    """Set new rules, and withdraw what waits and is against them.

    Where somebody agrees now, what was barred because the object is not public is free.
    """
    this, rules = attachments.c.id == attachment.attachment_id, new.rules
    if new.is_agreed:
        change(connection, attachments, this, is_agreed=True)
        _free_here(connection, new.object, this)
    _catch_up(connection, attachment, baseline)
    # Before the rules change: what has begun by now is news only where it was asked for before.
    ingested = _tell_live(connection, baseline, now=now, same_broadcast=same_broadcast)
    # Whoever gives it options wants it: a follow does not let go of it any more.
    own = {"follow_id": None, "is_on_programme": False}
    change(connection, attachments, this, **own, **rules_values(rules))
    of_it = notices.c.attachment_id == attachment.attachment_id
    waiting = waiting_rows(connection, [attachment.room_id], of_it)
    revise(connection, waiting, by=lambda _, notice: under(rules, notice))
    refresh_programme(connection, attachment.room_id, now)
    (row,) = attachment_rows(connection, this)
    kept = attachment_of(row)
    opened = _open(connection, kept, mentions=False, now=now)
    return Attached(attachment=kept, is_new=False, opened=opened, ingested=ingested)


def _free_here(connection: Connection, info: ObjectInfo, this: ColumnElement[bool]) -> None:
    free(connection, info, this)
    row = locked_object(connection, info.object_id)
    state = None if row is None else state_of(row)
    if state is not None:
        show(connection, info, state)


def _catch_up(connection: Connection, attachment: Attachment, baseline: Baseline) -> None:
    """Remember in silence what was not read because no room had asked for it.

    Otherwise, asking for comments after a week without them would bring those of the week.
    """
    object_id = attachment.object.object_id
    rows = attachment_rows(connection, attachments.c.object_id == object_id)
    rules = [attachment_of(row).rules for row in rows]
    if all(one.comments is CommentPolicy.NONE for one in rules):
        remember(connection, object_id, _memory_of(baseline.comments))
        raise_watermark(connection, [object_id], baseline.watermark)
        if baseline.floor is not None:
            this = attachments.c.id == attachment.attachment_id
            change(connection, attachments, this, floor=baseline.floor)


def _memory_of(found: Iterable[Comment]) -> list[Remembered]:
    return list({one.comment_id: ingest.memory_of(one) for one in found}.values())


def withdraw(connection: Connection, attachment: Attachment, left: AtDetach) -> int:
    """Delete an attachment and what waits for it; what was said stays known as said.

    Messages are still edited, or deleted, for what has become of them by now. Returns how many
    cards are changed for ``left``.
    """
    of_it = notices.c.attachment_id == attachment.attachment_id
    in_room = notices.c.room_id == attachment.room_id
    remove(connection, notices, of_it, in_room, notices.c.stage == NoticeStage.PENDING)
    released = _release(connection, attachment, left)
    # A comment's key stays taken: attaching again does not repeat it. A card's key is freed:
    # the count of broadcasts begins anew with the object, and with it the keys of the cards.
    freed = notices.c.event_key + "@" + cast(notices.c.id, Text)
    change(connection, notices, of_it, notices.c.is_live, event_key=freed)
    change(connection, notices, of_it, attachment_id=None)
    remove(connection, attachments, attachments.c.id == attachment.attachment_id)
    _abandon_batches(connection, attachment)
    return released


def _release(connection: Connection, attachment: Attachment, left: AtDetach) -> int:
    """Let the attachment's cards say what is true without it; return how many changed."""
    cards_of_it = connection.execute(
        select(notices, batches.c.settled_at, batches.c.fate)
        .join(batches, notices.c.batch_id == batches.c.id)
        .where(notices.c.attachment_id == attachment.attachment_id, notices.c.is_live)
    )
    changed = 0
    for row in cards_of_it.all():
        old = notice_of(row.payload)
        if not isinstance(old, LiveNotice) or row.fate not in {None, DELIVERED}:
            continue
        # What may not have been sent yet is not to be sent any more.
        new = cards.released(old, left) if row.settled_at else replace(old, is_withdrawn=True)
        changed += put(connection, row, new)
    return changed


def _abandon_batches(connection: Connection, attachment: Attachment) -> None:
    """End the batches that would go out, or be tried again, for nobody.

    A card stays: it is looked for, and deleted if it is there.
    """
    carried = exists().where(
        notices.c.batch_id == batches.c.id,
        or_(notices.c.attachment_id.is_not(None), notices.c.is_live),
    )
    for_nobody = select(batches.c.id).where(
        batches.c.room_id == attachment.room_id, batches.c.settled_at.is_(None), ~carried
    )
    ids = (connection.scalars(for_nobody)).all()
    change(connection, notices, notices.c.batch_id.in_(ids), stage=NoticeStage.DONE)
    change(
        connection,
        batches,
        batches.c.id.in_(ids),
        fate=WITHDRAWN,
        settled_at=batches.c.created_at,
    )


def _tell_others(
    connection: Connection,
    info: ObjectInfo,
    seen: Sequence[Comment],
    baseline: Baseline,
    *,
    now: datetime,
    same_broadcast: timedelta,
) -> Ingested:
    told = take_comments(connection, info.object_id, seen, source=Source.RECONCILE, now=now)
    shown = _tell_live(connection, baseline, now=now, same_broadcast=same_broadcast)
    return Ingested(
        new_notices=told.new_notices + shown.new_notices,
        new_events=told.new_events + shown.new_events,
        changes=told.changes,
        rooms=told.rooms | shown.rooms,
    )


def _tell_live(
    connection: Connection, baseline: Baseline, *, now: datetime, same_broadcast: timedelta
) -> Ingested:
    seen = baseline.live
    row = None if seen is None else locked_object(connection, seen.object_id)
    if seen is None or row is None:
        return Ingested()
    return take_live(connection, row, seen, now=now, same_broadcast=same_broadcast)


def _old_notices(
    attachment: Attachment, backfill: Sequence[Comment], now: datetime
) -> list[NewNotice]:
    return [
        NewNotice(
            attachment_id=attachment.attachment_id,
            room_id=attachment.room_id,
            event_key=ingest.event_key(comment.comment_id),
            notice=CommentNotice(
                object=attachment.object, comment=comment, source=Source.BACKFILL, seen_at=now
            ),
        )
        for comment in ingest.in_order(backfill)
        if ingest.accepts(attachment.rules.comments, comment)
    ]
