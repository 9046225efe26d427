"""The questions of objects that can be acted on, or have a board; and who looks after which."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, exists, or_, select

from ..domain.acting import KEEP_WORDS
from ..domain.board import KEEP_TAKEN
from ..domain.deeds import Actor
from ..domain.model import (
    Comment,
    CommentId,
    CommentKind,
    CommentStatus,
    GuildId,
    LivePhase,
    LiveState,
    ObjectId,
    RoomId,
)
from ..domain.shown import QuestionCounts, ViewerQuestion
from .boards import refresh_boards
from .engine import Part, reads, writes
from .mapping import state_of
from .object_rows import lock_object
from .question_rows import (
    counts_of,
    drop,
    free,
    keep,
    open_rows,
    prune_unkept,
    question_of,
    taken_in,
)
from .records import TakenQuestion
from .reports import refresh_reports
from .sql import BOARD, change, chunks, remove, upsert
from .tables import (
    batches,
    notices,
    objects,
    questions,
    takings,
)

_NO_WORDS: Final = {"author": "", "text": ""}


class Questions(Part):
    """The part of the store that knows what viewers ask, and who sees to it."""

    @reads
    def counts(self, connection: Connection, object_id: ObjectId) -> QuestionCounts:
        """Count the questions of an object."""
        return counts_of(connection, object_id)

    @reads
    def open(
        self,
        connection: Connection,
        object_id: ObjectId,
        guild_id: GuildId,
        *,
        limit: int,
        offset: int = 0,
    ) -> list[ViewerQuestion]:
        """Return open questions, oldest first, and who in the server has taken which."""
        taken = taken_in(connection, object_id, [guild_id])[guild_id]
        rows = open_rows(connection, object_id, limit=limit, offset=offset)
        return [question_of(row, taken.get(CommentId(row.comment_id))) for row in rows]

    @reads
    def speaker(self, connection: Connection, object_id: ObjectId) -> ViewerQuestion | None:
        """Return the question that is to be answered now: the oldest that is promoted and open."""
        rows = open_rows(connection, object_id, questions.c.is_promoted, limit=1)
        return question_of(rows[0]) if rows else None

    # Who looks after them.

    @writes
    def take_next(
        self,
        connection: Connection,
        object_id: ObjectId,
        guild_id: GuildId,
        actor: Actor,
        now: datetime,
    ) -> TakenQuestion | None:
        """Let somebody look after the oldest open question that nobody in the server has.

        ``None``: there is none.
        """
        # Whoever comes at the same moment gets the next one.
        lock_object(connection, object_id)
        is_taken = exists().where(
            takings.c.guild_id == guild_id,
            takings.c.object_id == object_id,
            takings.c.comment_id == questions.c.comment_id,
            takings.c.taken_at > now - KEEP_TAKEN,
        )
        rows = open_rows(connection, object_id, ~is_taken, limit=1)
        if not rows:
            return None
        taking = {
            "guild_id": guild_id,
            "object_id": object_id,
            "comment_id": rows[0].comment_id,
            "user_id": actor.user_id,
            "user_name": actor.name,
            "taken_at": now,
        }
        upsert(connection, takings, [taking])
        rooms = refresh_boards(connection, object_id)
        return TakenQuestion(question=question_of(rows[0], actor), rooms=rooms)

    @writes
    def give_back(
        self,
        connection: Connection,
        object_id: ObjectId,
        comment_id: CommentId,
        guild_id: GuildId,
        user_id: int,
    ) -> frozenset[RoomId] | None:
        """Let others have a question; ``None``: it is not, or not any more, this user's.

        Returns the rooms with something to do.
        """
        which = (
            takings.c.guild_id == guild_id,
            takings.c.object_id == object_id,
            takings.c.comment_id == comment_id,
            takings.c.user_id == user_id,
        )
        # Or a board would be put back to what it was before somebody else's change.
        lock_object(connection, object_id)
        was_theirs = remove(connection, takings, *which) > 0
        return refresh_boards(connection, object_id) if was_theirs else None

    @reads
    def are_forgotten(self, connection: Connection, now: datetime) -> bool:
        """Tell whether anybody has a question for too long."""
        forgotten = select(takings.c.comment_id).where(takings.c.taken_at <= now - KEEP_TAKEN)
        return connection.execute(forgotten.limit(1)).first() is not None

    @writes
    def release(self, connection: Connection, now: datetime) -> frozenset[RoomId]:
        """Let others have what somebody has for too long; return the rooms with something to do."""
        is_due = takings.c.taken_at <= now - KEEP_TAKEN
        found = connection.scalars(select(takings.c.object_id).where(is_due).distinct()).all()
        _lock(connection, found)
        remove(connection, takings, is_due)
        return _refreshed(connection, found)

    @writes
    def prune(self, connection: Connection, now: datetime) -> frozenset[RoomId]:
        """Drop the questions that nobody asks for, and the words of those that are long over.

        Those are of a live event that is over for so long, or was not held, and were asked as long
        ago. Returns the rooms with something to do.
        """
        moment = now - KEEP_WORDS
        held = _over_before(connection, moment)
        _lock(connection, held)
        # Once more: one of them may be on air again.
        over = [one for one in _over_before(connection, moment) if one in held]
        prune_unkept(connection)
        for some in chunks(over):
            which = (questions.c.object_id.in_(some), *_worded(moment))
            change(connection, questions, *which, **_NO_WORDS)
        _forget_bodies(connection, moment)
        return _refreshed(connection, over)


def note_questions(
    connection: Connection, object_id: ObjectId, found: Collection[Comment], now: datetime
) -> frozenset[RoomId]:
    """Keep what comments are now, as far as they are questions; return the rooms concerned.

    One that is no question any more goes. ``found`` has no comment twice.
    """
    if not found:
        return frozenset()
    asked = [one for one in found if one.kind is CommentKind.QUESTION]
    keep(connection, object_id, asked, now)
    others = [one.comment_id for one in found if one.kind is not CommentKind.QUESTION]
    is_dropped = bool(others) and drop(connection, object_id, others)
    settled = [one.comment_id for one in asked if one.status is not CommentStatus.OPEN]
    free(connection, object_id, settled)
    return _show(connection, object_id) if asked or is_dropped else frozenset()


def forget_questions(
    connection: Connection, object_id: ObjectId, gone: Collection[CommentId]
) -> frozenset[RoomId]:
    """Drop questions that are gone, or never were; return the rooms with a message to edit."""
    if not drop(connection, object_id, list(gone)):
        return frozenset()
    return _show(connection, object_id)


def _show(connection: Connection, object_id: ObjectId) -> frozenset[RoomId]:
    """Bring what tells of an object's questions up to date: boards and reports."""
    return refresh_boards(connection, object_id) | refresh_reports(connection, object_id)


def _lock(connection: Connection, object_ids: Sequence[int]) -> None:
    for one in sorted(object_ids):
        lock_object(connection, ObjectId(one))


def _refreshed(connection: Connection, object_ids: Sequence[int]) -> frozenset[RoomId]:
    rooms = (refresh_boards(connection, ObjectId(one)) for one in object_ids)
    return frozenset().union(*rooms)


def _forget_bodies(connection: Connection, moment: datetime) -> None:
    """Empty what the messages of boards were first sent as, before a moment: it has words, too."""
    of_boards = select(notices.c.batch_id).where(notices.c.event_key.startswith(BOARD))
    is_old = batches.c.settled_at < moment
    change(connection, batches, is_old, batches.c.id.in_(of_boards), body="{}")


def _worded(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a question was asked before a moment, and its words are kept."""
    has_words = or_(questions.c.text != "", questions.c.author != "")
    return has_words, questions.c.asked_at < moment


def _over_before(connection: Connection, moment: datetime) -> list[int]:
    """Return the live events that were over before a moment, with such questions.

    So is what was to begin before it, and was not held.
    """
    has_words = exists().where(questions.c.object_id == objects.c.object_id, *_worded(moment))
    query = select(objects).where(objects.c.live_state.is_not(None), has_words)
    states = [(row.object_id, state_of(row)) for row in connection.execute(query)]
    return [one for one, state in states if state is not None and _is_over(state, moment)]


def _is_over(state: LiveState, moment: datetime) -> bool:
    if state.phase not in {LivePhase.ENDED, LivePhase.CANCELLED, LivePhase.SOON}:
        return False
    last = state.ended_at or state.scheduled_at
    # Of what was over when it was first seen no time may be known.
    return last < moment if last is not None else state.phase is not LivePhase.SOON
