"""Which object is in which room, by which rules; how that comes, changes and goes.

The functions work in somebody else's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Text, cast, select

from ..domain import cards, ingest, live
from ..domain.cards import AtDetach
from ..domain.following import is_card_due
from ..domain.ingest import Remembered
from ..domain.live import SAME_BROADCAST
from ..domain.model import (
    Attachment,
    Comment,
    GuildId,
    LiveNotice,
    LiveState,
    ObjectId,
    ObjectInfo,
    RoomId,
    Source,
)
from ..domain.places import card_room, rooms_of
from . import sent_replies
from .boards import drop_boards, refresh_boards
from .broadcasts import described, refresh_programme, take_live
from .card_threads import tell_post
from .engine import Part, reads, writes
from .exposures import keep_unexposed
from .mapping import (
    attachment_of,
    notice_of,
    object_of,
    object_values,
    rules_values,
    state_of,
    state_text,
)
from .memory import free_here, refresh
from .moving import abandon_batches, move
from .news import offer_actions, take_comments
from .object_rows import (
    attachment_rows,
    find_attachment,
    forget_object,
    in_room,
    lock_object,
    locked_object,
    raise_watermark,
    remember,
)
from .outbox_rows import enqueue, put, revise_waiting
from .question_rows import fill, start_keeping
from .records import Attached, Baseline, Detached, NewAttachment, Refreshed
from .sql import DELIVERED, NoticeStage, change, insert_missing, matching, remove
from .tables import attachments, batches, boards, notices, objects


class Attachments(Part):
    """The part of the store behind ``/video attach``, ``detach`` and ``list``, and pauses."""

    @writes
    def attach(
        self,
        connection: Connection,
        new: NewAttachment,
        baseline: Baseline,
        *,
        backfill: Sequence[Comment] = (),
        now: datetime,
        same_broadcast: timedelta = SAME_BROADCAST,
    ) -> Attached:
        """Attach an object to a room, or change the rules where it is there already.

        Nothing of the baseline is said in the new room, except ``backfill`` and the card of what
        is planned or on air, as far as the rules take them. Where the object is attached
        elsewhere, what the baseline holds is news for those other rooms; for that, it must reach
        down to the object's watermark, or say with its floor how far it does reach. Where only
        the rules change, the baseline counts as known as far as no room had asked for it before.
        ``same_broadcast``: see ``domain.live``.
        """
        return attach_object(
            connection, new, baseline, backfill=backfill, now=now, same_broadcast=same_broadcast
        )

    @writes
    def detach(
        self,
        connection: Connection,
        room_id: RoomId,
        object_id: ObjectId,
        cards: AtDetach = AtDetach.DELETE,
        *,
        of_follow: int | None = None,
    ) -> Detached | None:
        """Take an object out of a room; return what was there.

        What waits for the room is withdrawn; what it shows is brought up to date once more, and
        cards become as ``cards`` says. With the last attachment goes the memory. ``of_follow``:
        only if it is still this follow's.
        """
        locked_object(connection, object_id)
        found = find_attachment(connection, room_id, object_id)
        if found is None or of_follow not in {None, found.follow_id}:
            return None
        released = withdraw(connection, found, cards)
        # What is left of the programme is no new notice, and needs no time.
        refresh_programme(connection, card_room(found), found.attached_at)
        if not attachment_rows(connection, attachments.c.object_id == object_id):
            forget_object(connection, object_id)
        return Detached(attachment=found, cards=released)

    @reads
    def held(
        self, connection: Connection, room_id: RoomId, object_id: ObjectId
    ) -> Attachment | None:
        """Return the attachment of an object to a room, or ``None``."""
        return find_attachment(connection, room_id, object_id)

    @reads
    def find(
        self,
        connection: Connection,
        *,
        guild_id: GuildId | None = None,
        room_id: RoomId | None = None,
        object_id: ObjectId | None = None,
    ) -> list[Attachment]:
        """Return the attachments that meet every condition given, by ID.

        To a room belongs as well what has its card there, and all else in a thread.
        """
        which = matching(attachments, guild_id=guild_id, object_id=object_id)
        if room_id is not None:
            which.append(in_room(room_id))
        return [attachment_of(row) for row in attachment_rows(connection, *which)]

    @writes
    def pause(
        self, connection: Connection, room_id: RoomId, reason: str, now: datetime
    ) -> list[Attachment]:
        """Mark a room as taking no messages; return the attachments not marked before.

        Those that were marked keep their time, and get the new reason.
        """
        these = in_room(room_id)
        rows = attachment_rows(connection, these, attachments.c.paused_at.is_(None))
        fresh = [row.id for row in rows]
        change(connection, attachments, these, paused_reason=reason)
        is_fresh = attachments.c.id.in_(fresh)
        change(connection, attachments, is_fresh, paused_at=now)
        return [attachment_of(row) for row in attachment_rows(connection, is_fresh)]

    @writes
    def resume(self, connection: Connection, room_id: RoomId) -> bool:
        """Mark a room as taking messages again; return whether it was paused."""
        paused = (in_room(room_id), attachments.c.paused_at.is_not(None))
        resumed = change(connection, attachments, *paused, paused_reason=None, paused_at=None)
        return resumed > 0

    @writes
    def note_parent(self, connection: Connection, room_id: RoomId, parent_id: RoomId) -> None:
        """Remember the channel of a thread."""
        change(connection, attachments, attachments.c.room_id == room_id, parent_id=parent_id)


def attach_object(
    connection: Connection,
    new: NewAttachment,
    baseline: Baseline,
    *,
    backfill: Sequence[Comment] = (),
    now: datetime,
    same_broadcast: timedelta = SAME_BROADCAST,
) -> Attached:
    """Attach an object as ``Attachments.attach`` says."""
    object_id = new.object.object_id
    if new.rules.has_actions:
        # Or what is asked once somebody else has them kept would be dropped.
        lock_object(connection, object_id)
        start_keeping(connection, object_id)
    refreshed = ensure_object(connection, new.object, baseline, now)
    found = find_attachment(connection, new.room_id, object_id)
    if found is not None:
        attached = _change_rules(
            connection, found, new, baseline, now=now, same_broadcast=same_broadcast
        )
    else:
        attached = attach_here(
            connection,
            new,
            baseline,
            is_first=refreshed is None,
            backfill=backfill,
            now=now,
            same_broadcast=same_broadcast,
        )
    if new.rules.has_actions:
        fill(connection, object_id, baseline.comments, now)
    return attached if refreshed is None else with_news(attached, refreshed)


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
    same_broadcast: timedelta = SAME_BROADCAST,
) -> Attached:
    """Attach an object, whose row is there, to a room that does not have it yet.

    ``mentions``: whether the card of what is on air already may mention the role.
    """
    seen = [*baseline.comments, *backfill]
    rooms = frozenset[RoomId]()
    if is_first:
        remember(connection, new.object.object_id, _memory_of(seen))
    else:
        # Before the new attachment is there: this is news for the other rooms only.
        taken = take_comments(
            connection, new.object.object_id, seen, source=Source.RECONCILE, now=now
        )
        rooms = taken.rooms | _tell_live(connection, baseline, now, same_broadcast)
    attachment = _insert(connection, new, baseline, now)
    old = ingest.backfilled(attachment, backfill, now)
    told = sent_replies.without_ours(connection, new.object.object_id, old)
    guilds = {attachment.attachment_id: new.guild_id}
    told = sent_replies.with_replies(connection, new.object.object_id, told, guilds)
    queued = enqueue(connection, told, now)
    state = _state(connection, new.object)
    tell_post(connection, attachment, state)
    return Attached(
        attachment=attachment,
        is_new=True,
        backfilled=len(queued),
        opened=_open(connection, attachment, state, mentions=mentions, now=now),
        phase=state.phase if state is not None and new.rules.announces_live else None,
        rooms=rooms,
    )


def _insert(
    connection: Connection, new: NewAttachment, baseline: Baseline, now: datetime
) -> Attachment:
    values = {
        "guild_id": new.guild_id,
        "room_id": new.room_id,
        "forum_id": new.forum_id,
        "parent_id": new.parent_id,
        "is_agreed": new.is_agreed,
        "is_agreed_for_all": new.is_agreed_for_all if new.is_agreed else None,
        "is_exposure_agreed": new.is_exposure_agreed,
        "object_id": new.object.object_id,
        "floor": baseline.floor,
        "attached_by": new.attached_by,
        "attached_at": now,
        "is_on_programme": new.is_on_programme,
        **rules_values(new.rules),
    }
    attachment_id = connection.scalar(
        attachments.insert().values(values).returning(attachments.c.id)
    )
    (row,) = attachment_rows(connection, attachments.c.id == attachment_id)
    return attachment_of(row)


def _state(connection: Connection, of: ObjectInfo) -> LiveState | None:
    row = locked_object(connection, of.object_id)
    return None if row is None else state_of(row)


def _open(
    connection: Connection,
    attachment: Attachment,
    state: LiveState | None,
    *,
    mentions: bool,
    now: datetime,
) -> LiveState | None:
    """Queue the card of what is planned or on air; return what it shows, ``None``: no card."""
    row = locked_object(connection, attachment.object.object_id)
    if row is None or state is None:
        return None
    if attachment.is_on_programme and not is_card_due(state, now):
        return None
    shown = replace(attachment, is_on_programme=False)
    about = described(attachment, object_of(row))
    opened = cards.opening(about, state, shown, mentions=mentions)
    return state if enqueue(connection, opened, now) else None


def with_news(attached: Attached, refreshed: Refreshed) -> Attached:
    """Add what the look at the object before attaching it has changed for other rooms."""
    here = attached.attachment.attachment_id
    barred = tuple(one for one in refreshed.barred if one.attachment_id != here)
    return replace(attached, rooms=attached.rooms | refreshed.rooms, barred=barred)


def _change_rules(
    connection: Connection,
    attachment: Attachment,
    new: NewAttachment,
    baseline: Baseline,
    *,
    now: datetime,
    same_broadcast: timedelta = SAME_BROADCAST,
) -> Attached:
    """Set new rules, and withdraw what waits and is against them; buttons come and go.

    Where somebody agrees now, what was barred because the object is not public is free.
    """
    this = attachments.c.id == attachment.attachment_id
    if new.is_agreed:
        # Who saw the room at an earlier agreement may see it.
        for_all = new.is_agreed_for_all or bool(attachment.is_agreed_for_all)
        change(connection, attachments, this, is_agreed=True, is_agreed_for_all=for_all)
        free_here(connection, new.object, this)
    if new.is_exposure_agreed:
        change(connection, attachments, this, is_exposure_agreed=True)
    _catch_up(connection, attachment, baseline)
    # Before the rules change: what has begun by now is news only where it was asked for before.
    rooms = _tell_live(connection, baseline, now, same_broadcast)
    # Whoever gives it options wants it: a follow does not let go of it any more.
    own = {"follow_id": None, "is_on_programme": False}
    move(connection, attachment, new.rules.place, now)
    change(connection, attachments, this, **own, **rules_values(new.rules))
    rooms |= keep_unexposed(connection, attachment.attachment_id)
    (row,) = attachment_rows(connection, this)
    kept = attachment_of(row)
    rules, of_it = kept.rules_in_force, notices.c.attachment_id == attachment.attachment_id
    rooms_of_it = rooms_of(kept)
    revise_waiting(connection, rooms_of_it, of_it, by=lambda notice: ingest.under(rules, notice))
    if rules.has_actions is not attachment.rules_in_force.has_actions:
        rooms |= offer_actions(connection, kept)
    refresh_programme(connection, card_room(kept), now)
    rooms |= refresh_boards(connection, new.object.object_id)
    state = _state(connection, new.object)
    opened = _open(connection, kept, state, mentions=False, now=now)
    tell_post(connection, kept, state)
    return Attached(attachment=kept, is_new=False, opened=opened, rooms=rooms)


def _catch_up(connection: Connection, attachment: Attachment, baseline: Baseline) -> None:
    """Remember in silence what was not read because no room had asked for it.

    Otherwise, asking for comments after a week without them would bring those of the week.
    """
    object_id = attachment.object.object_id
    rows = attachment_rows(connection, attachments.c.object_id == object_id)
    held = [attachment_of(row) for row in rows]
    if any(one.has_board for one in held) or ingest.is_read(one.rules for one in held):
        return
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
    of_object = boards.c.object_id == attachment.object.object_id
    drop_boards(connection, boards.c.room_id == attachment.room_id, of_object)
    of_it = notices.c.attachment_id == attachment.attachment_id
    of_rooms = notices.c.room_id.in_(rooms_of(attachment))
    remove(connection, notices, of_it, of_rooms, notices.c.stage == NoticeStage.PENDING)
    released = _release(connection, attachment, left)
    # A comment's key stays taken: attaching again does not repeat it. A card's key is freed:
    # the count of broadcasts begins anew with the object, and with it the keys of the cards.
    freed = notices.c.event_key + "@" + cast(notices.c.id, Text)
    change(connection, notices, of_it, notices.c.is_live, event_key=freed)
    change(connection, notices, of_it, attachment_id=None)
    remove(connection, attachments, attachments.c.id == attachment.attachment_id)
    abandon_batches(connection, attachment)
    return released


def _release(connection: Connection, attachment: Attachment, left: AtDetach) -> int:
    """Let the attachment's cards say what is true without it; return how many changed."""
    cards_of_it = connection.execute(
        select(notices, batches.c.settled_at, batches.c.fate)
        .join(batches, notices.c.batch_id == batches.c.id)
        .where(notices.c.attachment_id == attachment.attachment_id, notices.c.is_live)
        .with_for_update(of=notices)
    )
    is_hidden = attachment.bar is not None and attachment.bar.hides_object
    changed = 0
    for row in cards_of_it.all():
        old = notice_of(row.payload)
        if not isinstance(old, LiveNotice) or row.fate not in {None, DELIVERED}:
            continue
        # What may not have been sent yet is not to be sent any more; nor is what has changed while
        # nobody was to be told of it.
        is_untold = row.settled_at is None or (is_hidden and row.is_stale)
        new = replace(old, is_withdrawn=True) if is_untold else cards.released(old, left)
        changed += put(connection, row, new)
    return changed


def _tell_live(
    connection: Connection, baseline: Baseline, now: datetime, same_broadcast: timedelta
) -> frozenset[RoomId]:
    seen = baseline.live
    row = None if seen is None else locked_object(connection, seen.object_id)
    if seen is None or row is None:
        return frozenset()
    return take_live(connection, row, seen, now=now, same_broadcast=same_broadcast).rooms
