"""Reports: how an object's broadcast went, and what was asked, for each room that is told of it.

How it went is told by samples, minute by minute: they are kept here, and made into a series. The
functions work in somebody else's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, func, literal, select

from ..domain import reporting, series
from ..domain.acting import Effect
from ..domain.deeds import Acted, Action, Actor
from ..domain.model import (
    Attachment,
    CommentId,
    GuildId,
    LivePhase,
    LiveState,
    NewNotice,
    ObjectId,
    ObjectInfo,
    ReportNotice,
    RoomId,
)
from ..domain.series import Sample
from ..domain.shown import BoardView, ReportedQuestion, Series
from .engine import Part, reads
from .mapping import attachment_of, notice_of, object_of, state_of
from .object_rows import rows_of_object
from .outbox_rows import WITH_FATES, put
from .question_rows import is_kept
from .sql import Prepared, insert_missing, remove, upsert
from .tables import attachments, boards, comments, notices, objects, questions, samples, trail

# Cards and boards are among them, few of each.
_OF_OBJECT = Prepared(
    WITH_FATES.join(attachments).where(
        attachments.c.object_id == bindparam("of"),
        notices.c.comment_id.is_(None),
        notices.c.payload != "",
    ),
    *WITH_FATES.selected_columns,
)
# What of the trail tells who made a question what it is.
_DEEDS = (Action.PROMOTE, Action.UNPROMOTE, Action.ANSWER, Action.REOPEN, Action.DISMISS)


class Reports(Part):
    """The part of the store behind ``/video report``, and behind the reports in rooms."""

    @reads
    def now(
        self, connection: Connection, guild_id: GuildId, object_id: ObjectId, now: datetime
    ) -> ReportNotice | None:
        """Return the report of an object as it stands, with all its questions.

        ``None`` where it is attached nowhere.
        """
        row = connection.execute(
            select(objects).where(objects.c.object_id == object_id)
        ).one_or_none()
        if row is None:
            return None
        bare = _bare(connection, object_of(row), state_of(row), now)
        acted = _acted(connection, object_id, [guild_id])[guild_id]
        asked = reporting.with_actors(_asked(connection, object_id), acted)
        report = reporting.with_questions(bare, asked, is_whole=True)
        are_kept = bool(connection.scalar(select(is_kept(literal(object_id)))))
        return replace(report, are_questions_kept=are_kept)


def settled_reports(
    connection: Connection,
    of: ObjectInfo,
    state: LiveState,
    rooms: Collection[Attachment],
    now: datetime,
) -> list[NewNotice]:
    """Return the reports of a broadcast that is settled, for the rooms that act on comments."""
    told = [one for one in rooms if one.rules.has_actions]
    if not told or not reporting.is_reported(state):
        return []
    bare = _bare(connection, of, state, now)
    # Of those that are exposed nothing is posted; once they are free, questions are told again.
    shown = _shown(connection, of.object_id, told, exposed=())
    # What is not public any more keeps the name that its room knows.
    return [
        reporting.new_report(one, state, shown(one, replace(bare, object=one.object)))
        for one in told
    ]


def refresh_reports(connection: Connection, object_id: ObjectId) -> frozenset[RoomId]:
    """Have the reports in rooms say what has become of their questions.

    To be called where a question has changed, or has gone. Returns the rooms with a message to
    edit. A report that is too old to be edited stays as it is.
    """
    keys = reporting.report_prefix(object_id)
    of_it = _OF_OBJECT.rows(connection, {"of": object_id})
    found = [row for row in of_it if row.event_key.startswith(keys)]
    if not found:
        return frozenset()
    rows = rows_of_object(connection, object_id)
    rooms = {one.attachment_id: one for one in map(attachment_of, rows)}
    exposed = [row.id for row in rows if row.exposed_at is not None]
    shown = _shown(connection, object_id, rooms.values(), exposed)
    changed = set()
    for row in found:
        old = notice_of(row.payload)
        if isinstance(old, ReportNotice) and put(
            connection, row, shown(rooms[row.attachment_id], old)
        ):
            changed.add(RoomId(row.room_id))
    return frozenset(changed)


def _bare(
    connection: Connection, of: ObjectInfo, state: LiveState | None, now: datetime
) -> ReportNotice:
    """Return a report without its questions."""
    return ReportNotice(
        object=replace(of, description=None, speakers=()),
        until=now,
        comments=_counted(connection, of.object_id),
        state=state,
        series=None if state is None else series_of(connection, of.object_id, state, until=now),
    )


def written_on(connection: Connection, object_id: ObjectId) -> tuple[int | None, int | None]:
    """Count the comments and the questions of an object; ``None``: that is not known."""
    is_asked = connection.scalar(select(is_kept(literal(object_id))))
    asked = len(_asked(connection, object_id)) if is_asked else None
    return _counted(connection, object_id), asked


def _counted(connection: Connection, object_id: ObjectId) -> int | None:
    is_there = (comments.c.object_id == object_id, ~comments.c.is_gone)
    read = connection.scalar(select(func.count()).select_from(comments).where(*is_there)) or 0
    # A look may have counted what no reading has read.
    return max(read, most_comments(connection, object_id)) or None


def _shown(
    connection: Connection,
    object_id: ObjectId,
    rooms: Collection[Attachment],
    exposed: Collection[int],
) -> Callable[[Attachment, ReportNotice], ReportNotice]:
    """Return what puts the questions of now into a report, as its room may show them.

    ``exposed``: the attachments in whose rooms everybody would read what is asked in private.
    """
    asked = _asked(connection, object_id)
    acted = _acted(connection, object_id, {one.guild_id for one in rooms})
    with_board = set(
        connection.scalars(
            select(boards.c.room_id).where(
                boards.c.object_id == object_id, boards.c.view == BoardView.BOARD
            )
        )
    )

    def shown(room: Attachment, report: ReportNotice) -> ReportNotice:
        found = reporting.with_actors(asked, acted[room.guild_id])
        has_board = room.room_id in with_board
        may_show_all = reporting.shows_all(room.rules.comments, has_board=has_board)
        is_whole = may_show_all and room.attachment_id not in exposed
        return reporting.with_questions(report, found, is_whole=is_whole)

    return shown


def _asked(connection: Connection, object_id: ObjectId) -> list[ReportedQuestion]:
    query = select(questions).where(questions.c.object_id == object_id)
    return [
        ReportedQuestion(
            comment_id=row.comment_id,
            author=row.author,
            text=row.text,
            asked_at=row.asked_at,
            is_promoted=row.is_promoted,
            status=row.status,
        )
        for row in connection.execute(query)
    ]


def _acted(
    connection: Connection, object_id: ObjectId, guild_ids: Collection[GuildId]
) -> Mapping[GuildId, Mapping[CommentId, list[Acted]]]:
    """Return what was done to each comment of an object from rooms of servers, oldest first."""
    query = (
        select(trail)
        .where(
            trail.c.object_id == object_id,
            trail.c.guild_id.in_(guild_ids),
            trail.c.comment_id.is_not(None),
            trail.c.deed.in_(_DEEDS),
            trail.c.effect == Effect.DONE,
        )
        .order_by(trail.c.id)
    )
    found: dict[GuildId, dict[CommentId, list[Acted]]] = {one: {} for one in guild_ids}
    for row in connection.execute(query):
        actor = Actor(user_id=row.user_id, name=row.user_name)
        acted = Acted(action=Action(row.deed), actor=actor, at=row.settled_at or row.at)
        of_guild = found[GuildId(row.guild_id)]
        of_guild.setdefault(CommentId(row.comment_id), []).append(acted)
    return found


# A day; what is on air for longer is a channel, and nobody reads its chart to the minute.
_MOST_SAMPLES = 1_440
_MINUTE_S = 60
# By so much what realtime tells of viewers may be more than was ever seen.
_FEW_VIEWERS, _TIMES_THE_PEAK = 100, 3
# What a column holds; an odd answer may count more.
_MOST_COUNTED = 2**31 - 1


def keep_sample(
    connection: Connection, object_id: ObjectId, state: LiveState, sample: Sample
) -> None:
    """Keep a sample of the broadcast that is on air; of a minute the last one counts."""
    if state.phase is not LivePhase.LIVE:
        return
    of_object, minute = samples.c.object_id == object_id, _minute(sample.at)
    remove(connection, samples, of_object, samples.c.broadcast != state.broadcast)
    remove(connection, samples, of_object, samples.c.minute <= minute - _MOST_SAMPLES)
    upsert(connection, samples, [_sample_row(object_id, state, sample)])


def fill_samples(
    connection: Connection, object_id: ObjectId, state: LiveState, found: Iterable[Sample]
) -> list[Sample]:
    """Keep samples of the broadcast that is on air, of minutes that have none; others are lost.

    Returns those that were kept. Anybody may publish some: what is far above all that was seen is
    left out.
    """
    if state.phase is not LivePhase.LIVE or state.started_at is None:
        return []
    first = _minute(state.started_at)
    most = max(_FEW_VIEWERS, _TIMES_THE_PEAK * (state.viewers_peak or 0))
    likely = [one for one in found if one.viewers is None or one.viewers <= most]
    inside = [one for one in likely if _minute(one.at) >= first][-_MOST_SAMPLES:]
    rows = [_sample_row(object_id, state, one) for one in inside]
    kept = {row.minute for row in insert_missing(connection, samples, rows, samples.c.minute)}
    return [one for one in inside if _minute(one.at) in kept]


def _sample_row(object_id: ObjectId, state: LiveState, sample: Sample) -> dict[str, int | None]:
    return {
        "object_id": object_id,
        "broadcast": state.broadcast,
        "minute": _minute(sample.at),
        "viewers": _countable(sample.viewers),
        "comments": _countable(sample.comments),
    }


def _countable(count: int | None) -> int | None:
    return None if count is None else max(0, min(count, _MOST_COUNTED))


def series_of(
    connection: Connection, object_id: ObjectId, state: LiveState, *, until: datetime | None = None
) -> Series | None:
    """Return how the broadcast of this state went, as far as it was looked at.

    ``until``: where it has not ended yet, it is told how it goes up to then.
    """
    ended_at = state.ended_at or until
    if state.started_at is None or ended_at is None:
        return None
    query = select(samples).where(
        samples.c.object_id == object_id, samples.c.broadcast == state.broadcast
    )
    found = [
        Sample(at=_time(row.minute), viewers=row.viewers, comments=row.comments)
        for row in connection.execute(query)
    ]
    # A sample stands for its minute, which may have begun before the broadcast did.
    began = state.started_at.replace(second=0, microsecond=0)
    return series.series_of(found, began, ended_at, peak=state.viewers_peak)


def most_comments(connection: Connection, object_id: ObjectId) -> int:
    """Return how many comments the event was last seen to have, while it was on air."""
    query = select(func.max(samples.c.comments)).where(samples.c.object_id == object_id)
    return connection.scalar(query) or 0


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // _MINUTE_S


def _time(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * _MINUTE_S, UTC)
