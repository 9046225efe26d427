"""What follows from an action on a comment, in the transaction that records what came of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from ..domain.acting import Effect, Intent, still_so, with_acted
from ..domain.deeds import Acted, Action
from ..domain.model import Comment, CommentNotice, RoomId, Source, Standing
from .news import take_away, take_comments
from .object_rows import locked_object, rows_of_object
from .outbox_rows import revise_comments
from .records import Ingested
from .sent_replies import show_settled


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
    rows = rows_of_object(connection, wanted.object_id)
    held = [row.id for row in rows if row.guild_id == wanted.guild_id]
    return revise_comments(
        connection, held, [wanted.comment_id], lambda _, notice: _signed(notice, acted)
    )


def _signed(notice: CommentNotice, acted: Acted) -> CommentNotice:
    if notice.standing is Standing.REMOVED:
        return notice
    return replace(notice, acted=with_acted(notice.acted, acted))
