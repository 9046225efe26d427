"""Which object is in which room, by which rules; how that comes, changes and goes.

The functions work in somebody else's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from ..domain import cards, ingest, live
from ..domain.cards import AtDetach
from ..domain.following import is_card_due
from ..domain.ingest import Remembered
from ..domain.live import SAME_BROADCAST
from ..domain.model import (
    Attachment,
    Comment,
    GuildId,
    LiveState,
    ObjectId,
    ObjectInfo,
    RoomId,
    Source,
)
from ..domain.places import card_room, rooms_of
from ..errors import NotPublicError
from . import sent_replies
from .boards import refresh_boards
from .broadcasts import described, refresh_programme, take_live
from .card_threads import tell_post
from .engine import Part, reads, writes
from .exposures import keep_unexposed
from .mapping import (
    attachment_of,
    attachments_of,
    object_of,
    object_values,
    rules_values,
    state_of,
    state_text,
)
from .memory import free_here, refresh
from .moving import move, withdraw
from .news import offer_actions, take_comments
from .object_rows import (
    attachment_rows,
    find_attachment,
    forget_object,
    in_room,
    locked_object,
    raise_watermark,
    remember,
    rows_of_object,
)
from .outbox_rows import enqueue, revise_waiting
from .question_rows import fill, start_keeping
from .records import Attached, Baseline, Detached, NewAttachment, Refreshed
from .sql import change, insert_missing, matching
from .tables import attachments, notices, objects


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

        Raises:
            NotPublicError: nobody agreed to show what is not public.
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
    # First: nobody else may change anything of the object until the end of the transaction.
    refreshed = ensure_object(connection, new.object, baseline, now)
    found = None if refreshed is None else find_attachment(connection, new.room_id, object_id)
    _check_agreed(new, found)
    if found is not None and new.asked is not None:
        new = replace(new, rules=new.asked.applied(new.object.kind, found.rules))
    if new.rules.has_actions:
        start_keeping(connection, object_id)
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


def _check_agreed(new: NewAttachment, found: Attachment | None) -> None:
    is_agreed = new.is_agreed or (found is not None and found.is_agreed)
    if new.asked is not None and not (new.object.is_public or is_agreed):
        raise NotPublicError


def ensure_object(
    connection: Connection, info: ObjectInfo, baseline: Baseline, now: datetime
) -> Refreshed | None:
    """Write the object, or what is new of it; ``None``: it was attached nowhere before.

    Nobody else changes it, or what is attached of it, until the end of the transaction.
    """
    state = None if baseline.live is None else live.first_state(baseline.live, now)
    values = {
        **object_values(info),
        "watermark": baseline.watermark,
        "live_state": None if state is None else state_text(state),
        "level": baseline.level,
    }
    if insert_missing(connection, objects, [values], objects.c.object_id):
        return None
    return refresh(connection, info, now, level=baseline.level)


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
    attachment_id = _insert(connection, new, baseline, now)
    held = attachments_of(rows_of_object(connection, new.object.object_id))
    attachment = held[attachment_id]
    backfilled = _backfill(connection, attachment, backfill, now) if backfill else 0
    state, opened = _open(connection, attachment, mentions=mentions, now=now)
    return Attached(
        attachment=attachment,
        held=tuple(held.values()),
        backfilled=backfilled,
        opened=opened,
        phase=state.phase if state is not None and new.rules.announces_live else None,
        rooms=rooms,
    )


def _backfill(
    connection: Connection, attachment: Attachment, backfill: Sequence[Comment], now: datetime
) -> int:
    """Queue comments that were there before; return how many they are."""
    object_id = attachment.object.object_id
    old = ingest.backfilled(attachment, backfill, now)
    told = sent_replies.without_ours(connection, object_id, old)
    guilds = {attachment.attachment_id: attachment.guild_id}
    told = sent_replies.with_replies(connection, object_id, told, guilds)
    return len(enqueue(connection, told, now))


def _insert(connection: Connection, new: NewAttachment, baseline: Baseline, now: datetime) -> int:
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
        "follow_id": new.follow_id,
        "attached_by": new.attached_by,
        "attached_at": now,
        "is_on_programme": new.is_on_programme,
        **rules_values(new.rules),
    }
    returned = attachments.insert().values(values).returning(attachments.c.id)
    return int(connection.execute(returned).scalar_one())


def _open(
    connection: Connection, attachment: Attachment, *, mentions: bool, now: datetime
) -> tuple[LiveState | None, LiveState | None]:
    """Queue the card of what is planned or on air; return its state, and what the card shows.

    The second is ``None`` where there is no card.
    """
    row = locked_object(connection, attachment.object.object_id)
    state = None if row is None else state_of(row)
    tell_post(connection, attachment, state)
    if row is None or state is None:
        return state, None
    if attachment.is_on_programme and not is_card_due(state, now):
        return state, None
    shown = replace(attachment, is_on_programme=False)
    about = described(attachment, object_of(row))
    opened = cards.opening(about, state, shown, mentions=mentions)
    return state, state if enqueue(connection, opened, now) else None


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
    _, opened = _open(connection, kept, mentions=False, now=now)
    held = attachments_of(rows_of_object(connection, new.object.object_id))
    return Attached(
        attachment=kept,
        held=tuple(held.values()),
        before=attachment.rules,
        opened=opened,
        rooms=rooms,
    )


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


def _tell_live(
    connection: Connection, baseline: Baseline, now: datetime, same_broadcast: timedelta
) -> frozenset[RoomId]:
    seen = baseline.live
    row = None if seen is None else locked_object(connection, seen.object_id)
    if seen is None or row is None:
        return frozenset()
    return take_live(connection, row, seen, now=now, same_broadcast=same_broadcast).rooms
