"""The trail: who did what in each server, on record before anything is asked of the workspace.

It tells after a crash what was under way. What comes of an action is written with all that follows
from it, in one transaction.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import reduce
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, or_, select, text, update

from ..domain.acting import (
    KEEP_WORDS,
    Effect,
    Entry,
    Intent,
    NewEntry,
    WantedAction,
    promotion_of,
    status_of,
    still_so,
    with_acted,
)
from ..domain.deeds import Acted, Action
from ..domain.model import (
    Comment,
    CommentId,
    CommentNotice,
    GuildId,
    ObjectId,
    RoomId,
    Source,
    Standing,
)
from . import log_rooms
from .engine import Part, reads, writes
from .mapping import DEEDS, actor_of, entry_of, intent_of
from .news import take_away, take_comments
from .object_rows import lock_object, locked_object
from .outbox_rows import revise_comments
from .records import Ingested
from .sent_replies import show_settled
from .sql import UNSETTLED_DEED, WORDED, DeedStage, Prepared, change, matching, remove
from .tables import attachments, trail

# Nobody confirms a reply so long after it was written.
_KEEP_DRAFTS = timedelta(days=1)
# What one transaction of a pruning takes.
_AT_ONCE = 200
_NO_WORDS: Final = {"author": "", "text": "", "name": ""}
_INSERT = Prepared(trail.insert().returning(*trail.c), *trail.c)
_begun_one = select(trail).where(trail.c.id == bindparam("of"), trail.c.stage == DeedStage.BEGUN)
_BEGUN = Prepared(_begun_one, *trail.c)
_BEGUN_LOCKED = Prepared(_begun_one.with_for_update(), *trail.c)
_SETTLE = Prepared(
    update(trail)
    .where(trail.c.id == bindparam("of"))
    .values(effect=bindparam("came"), stage=DeedStage.DONE, settled_at=bindparam("now"))
    .returning(trail),
    *trail.c,
)
_ATTACHED_IN = Prepared(
    select(attachments.c.id).where(
        attachments.c.object_id == bindparam("of"), attachments.c.guild_id == bindparam("guild")
    ),
    attachments.c.id,
)
# What leaves a comment in a state, which is said together with who did it.
_TELLING = [one for one in Action if promotion_of(one) is not None or status_of(one) is not None]


class Trail(Part):
    """The part of the store that knows what people did, and what they have begun."""

    @writes
    def begin(
        self,
        connection: Connection,
        wanted: WantedAction,
        *,
        name: str,
        comment: Comment,
        object_title: str,
        is_draft: bool,
        now: datetime,
    ) -> Intent:
        """Put an action on record, before it is done; ``comment`` is what it is done to.

        ``name`` is the one a reply is sent under. ``is_draft``: somebody has to confirm it first.
        """
        values = {
            "guild_id": wanted.guild_id,
            "at": now,
            "user_id": wanted.actor.user_id,
            "user_name": wanted.actor.name,
            "deed": wanted.action.value,
            "room_id": wanted.room_id,
            "object_id": wanted.object_id,
            "object_title": object_title,
            "comment_id": wanted.comment_id,
            "author": comment.author,
            "text": wanted.text if wanted.action is Action.REPLY else comment.text,
            "name": name,
            "detail": "",
            "stage": DeedStage.DRAFT if is_draft else DeedStage.BEGUN,
        }
        return intent_of(_inserted(connection, values))

    @writes
    def confirm(
        self, connection: Connection, intent_id: int, user_id: int, now: datetime
    ) -> Intent | None:
        """Have a draft sent, once however often that is asked.

        One of which it is known that it was not sent may be sent again. ``None``: it was sent or
        dropped before, or is somebody else's.
        """
        begun = {"stage": DeedStage.BEGUN, "at": now, "effect": None, "settled_at": None}
        if not _change_draft(connection, intent_id, user_id, again=True, **begun):
            return None
        return intent_of(connection.execute(select(trail).where(trail.c.id == intent_id)).one())

    @writes
    def drop(self, connection: Connection, intent_id: int, user_id: int, now: datetime) -> bool:
        """Drop a draft; return whether there was one, of that person."""
        return _change_draft(connection, intent_id, user_id, **_dropped(now))

    @reads
    def open(self, connection: Connection) -> list[Intent]:
        """Return what was begun and has not come to its end, oldest first."""
        is_open = (text(UNSETTLED_DEED), trail.c.stage == DeedStage.BEGUN)
        rows = connection.execute(select(trail).where(*is_open).order_by(trail.c.id))
        return [intent_of(row) for row in rows]

    @reads
    def is_overtaken(self, connection: Connection, intent: Intent) -> bool:
        """Tell whether somebody has done the like to the comment since, or has begun to.

        Of promotions and of states the last one counts.
        """
        wanted = intent.wanted
        kinds = (
            [one for one in Action if promotion_of(one) is not None],
            [one for one in Action if status_of(one) is not None],
        )
        alike = next((kind for kind in kinds if wanted.action in kind), [])
        later = (
            trail.c.id > intent.intent_id,
            trail.c.object_id == wanted.object_id,
            trail.c.comment_id == wanted.comment_id,
            trail.c.deed.in_(alike),
            or_(trail.c.stage == DeedStage.BEGUN, trail.c.effect == Effect.DONE),
        )
        return connection.execute(select(trail.c.id).where(*later).limit(1)).first() is not None

    @writes
    def note_made(self, connection: Connection, intent_id: int, made_id: CommentId) -> None:
        """Record which comment an action has made."""
        is_begun = (trail.c.id == intent_id, trail.c.stage == DeedStage.BEGUN)
        change(connection, trail, *is_begun, made_id=made_id)

    @writes
    def settle(
        self,
        connection: Connection,
        intent_id: int,
        effect: Effect,
        *,
        comment: Comment | None,
        now: datetime,
    ) -> Ingested:
        """Record what came of an action, and have the rooms show it.

        A comment that is gone is taken out of them. Else it is taken in as it was read, and its
        notices in the server of the action say who did it. A reply is shown under its question,
        and is no news. Of what is not known yet no more is recorded than that.

        Args:
            connection: within whose transaction.
            intent_id: of the action; one that is settled already stays as it is.
            effect: what came of it.
            comment: what it was done to, as it was read afterwards; ``None``: it was not.
            now: the time, aware.

        Returns:
            What it changed, with the rooms that have something to post or to edit.
        """
        row = _begun(connection, intent_id)
        if row is None:
            return Ingested()
        if effect is Effect.UNKNOWN:
            change(connection, trail, trail.c.id == intent_id, effect=effect)
            return follow_up(connection, intent_of(row), effect, comment, now)
        # First: rooms show what is settled.
        (settled,) = _SETTLE.rows(connection, {"of": intent_id, "came": effect, "now": now})
        taken = follow_up(connection, intent_of(row), effect, comment, now)
        told = log_rooms.tell(connection, settled, now)
        return replace(taken, rooms=taken.rooms | told, edits=taken.edits - told)

    @reads
    def last(
        self, connection: Connection, guild_id: GuildId, comment_id: CommentId
    ) -> tuple[Acted, ...]:
        """Return who in a server did what to a comment last, of promotions and of states."""
        query = select(trail).where(
            trail.c.guild_id == guild_id,
            trail.c.comment_id == comment_id,
            trail.c.deed.in_(_TELLING),
            trail.c.effect == Effect.DONE,
        )
        rows = connection.execute(query.order_by(trail.c.id))
        done = (Acted(action=Action(row.deed), actor=actor_of(row), at=row.at) for row in rows)
        nobody: tuple[Acted, ...] = ()
        return reduce(with_acted, done, nobody)

    @reads
    def who(
        self, connection: Connection, guild_id: GuildId, comment_id: CommentId, action: Action
    ) -> Acted | None:
        """Return who in a server did this to a comment last; ``None``: nobody there."""
        query = select(trail).where(
            trail.c.guild_id == guild_id,
            trail.c.comment_id == comment_id,
            trail.c.deed == action,
            trail.c.effect == Effect.DONE,
        )
        row = connection.execute(query.order_by(trail.c.id.desc()).limit(1)).one_or_none()
        return None if row is None else Acted(action=action, actor=actor_of(row), at=row.at)

    @writes
    def note(self, connection: Connection, entry: NewEntry, now: datetime) -> frozenset[RoomId]:
        """Put on the trail what was set; return the rooms with something to post for it."""
        return put_on_trail(connection, entry, now)

    @reads
    def find(
        self,
        connection: Connection,
        guild_id: GuildId,
        *,
        object_id: ObjectId | None = None,
        user_id: int | None = None,
        before: int | None = None,
        limit: int = 10,
    ) -> list[Entry]:
        """Return entries of a server, newest first; no drafts.

        Args:
            connection: within whose transaction.
            guild_id: the server.
            object_id: about this object alone.
            user_id: of this person alone.
            before: older than this entry.
            limit: at most so many.
        """
        which = [trail.c.guild_id == guild_id, trail.c.stage != DeedStage.DRAFT]
        which += matching(trail, object_id=object_id, user_id=user_id)
        which += [] if before is None else [trail.c.id < before]
        known = select(trail).where(*which, trail.c.deed.in_(list(DEEDS)))
        rows = connection.execute(known.order_by(trail.c.id.desc()).limit(limit))
        return [entry_of(row) for row in rows]

    async def prune(self, now: datetime, keep: timedelta) -> None:
        """Forget entries older than ``keep``, words sooner than that, and drafts.

        What is under way is needed until it is settled. What a log room has not taken for so long
        as words are kept is not told any more. It takes many transactions.
        """
        await self._give_up(now - KEEP_WORDS)
        while await self._drop_drafts(now):
            pass
        while await self._forget_words(now - KEEP_WORDS):
            pass
        while await self._forget(now - keep):
            pass

    @writes
    def _give_up(self, connection: Connection, before: datetime) -> None:
        log_rooms.give_up(connection, before)

    @writes
    def _drop_drafts(self, connection: Connection, now: datetime) -> int:
        is_old = and_(
            text(UNSETTLED_DEED),
            trail.c.stage == DeedStage.DRAFT,
            trail.c.at < now - _KEEP_DRAFTS,
        )
        # Said once more: one of them may be confirmed while it is waited for.
        return change(connection, trail, _some(is_old), is_old, **_dropped(now))

    @writes
    def _forget_words(self, connection: Connection, before: datetime) -> int:
        is_old = and_(text(WORDED), trail.c.at < before, trail.c.stage == DeedStage.DONE)
        return change(connection, trail, _some(is_old), is_old, **_NO_WORDS)

    @writes
    def _forget(self, connection: Connection, before: datetime) -> int:
        is_old = and_(trail.c.at < before, trail.c.stage == DeedStage.DONE)
        return remove(connection, trail, _some(is_old), is_old)


def put_on_trail(connection: Connection, entry: NewEntry, now: datetime) -> frozenset[RoomId]:
    """Put on the trail what was set, as ``Trail.note`` says."""
    values = {
        "guild_id": entry.guild_id,
        "at": now,
        "user_id": entry.actor.user_id,
        "user_name": entry.actor.name,
        "deed": entry.deed.value,
        "room_id": entry.room_id,
        "object_id": entry.object_id,
        "object_title": entry.object_title,
        "detail": entry.detail,
        "stage": DeedStage.DONE,
        "effect": Effect.DONE,
        "settled_at": now,
        **_NO_WORDS,
    }
    row = _inserted(connection, values)
    return log_rooms.tell(connection, row, now, is_public=entry.is_public)


def _inserted(connection: Connection, values: dict[str, Any]) -> Row[Any]:
    inserted: Row[Any]
    (inserted,) = _INSERT.rows(connection, values)
    return inserted


def _dropped(now: datetime) -> dict[str, Any]:
    return {
        "stage": DeedStage.DONE,
        "effect": Effect.DROPPED,
        "settled_at": now,
        **_NO_WORDS,
    }


def _change_draft(
    connection: Connection, intent_id: int, user_id: int, *, again: bool = False, **values: Any
) -> bool:
    """Change a draft, unless somebody has changed it before; return whether it was.

    ``again``: one that was not sent, although somebody wanted it to be, counts as well.
    """
    is_draft = trail.c.stage == DeedStage.DRAFT
    if again:
        not_sent = and_(
            trail.c.deed == Action.REPLY, trail.c.effect == Effect.NOT_DONE, trail.c.text != ""
        )
        is_draft = or_(is_draft, not_sent)
    this = (trail.c.id == intent_id, trail.c.user_id == user_id)
    return change(connection, trail, *this, is_draft, **values) == 1


def _some(*which: Any) -> ColumnElement[bool]:
    oldest = select(trail.c.id).where(*which).order_by(trail.c.id).limit(_AT_ONCE)
    return trail.c.id.in_(oldest)


def _begun(connection: Connection, intent_id: int) -> Row[Any] | None:
    """Read an action that is under way, and that nobody else may settle meanwhile."""
    this = {"of": intent_id}
    row = next(iter(_BEGUN.rows(connection, this)), None)
    if row is None or connection.dialect.name == "sqlite":  # whose writers are alone already
        return row
    # The object first, as everybody does who needs both.
    lock_object(connection, ObjectId(row.object_id))
    return next(iter(_BEGUN_LOCKED.rows(connection, this)), None)


def follow_up(
    connection: Connection,
    intent: Intent,
    effect: Effect,
    comment: Comment | None,
    now: datetime,
) -> Ingested:
    """Have the rooms show what came of an action; nothing where its object is attached nowhere."""
    object_id, comment_id = intent.wanted.object_id, intent.wanted.comment_id
    if locked_object(connection, object_id) is None:
        return Ingested()
    if _is_gone(intent, effect, comment):
        rooms = take_away(connection, object_id, [comment_id])
        return Ingested(changes=1, rooms=rooms, edits=rooms)
    taken = Ingested()
    if comment is not None:
        # As if a reading had found it.
        taken = take_comments(connection, object_id, [comment], source=Source.RECONCILE, now=now)
    if effect is not Effect.DONE:
        return taken
    rooms = _sign(connection, intent, comment)
    if intent.wanted.action is Action.REPLY:
        rooms |= show_settled(connection, object_id, intent.intent_id)
    to_post = taken.rooms - taken.edits
    return replace(taken, rooms=taken.rooms | rooms, edits=(taken.edits | rooms) - to_post)


def _is_gone(intent: Intent, effect: Effect, comment: Comment | None) -> bool:
    if intent.wanted.action is Action.DELETE and effect in {Effect.DONE, Effect.ALREADY}:
        return effect is Effect.DONE or comment is None
    return effect is Effect.GONE


def _sign(connection: Connection, intent: Intent, comment: Comment | None) -> frozenset[RoomId]:
    """Have the notices of a comment in the server say who made it what it is."""
    wanted = intent.wanted
    acted = Acted(action=wanted.action, actor=wanted.actor, at=intent.asked_at)
    if comment is None or not still_so(acted, comment):
        return frozenset()
    rows = _ATTACHED_IN.rows(connection, {"of": wanted.object_id, "guild": wanted.guild_id})
    return revise_comments(
        connection,
        [row.id for row in rows],
        [wanted.comment_id],
        lambda _, notice: _signed(notice, acted),
    )


def _signed(notice: CommentNotice, acted: Acted) -> CommentNotice:
    if notice.standing is Standing.REMOVED:
        return notice
    return replace(notice, acted=with_acted(notice.acted, acted))
