"""A new comment on PostgreSQL: a look and a write, for each statement is a trip to the server.

Each is a transaction of its own, and the object is not locked in between. Instead the write does
nothing where the object's row is another version than the look has seen: whoever changes what is
known of an object begins with that row (``locked_object``). All that is rarer goes the usual way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, Text, bindparam, exists, literal_column, text
from sqlalchemy.exc import IntegrityError

from ..domain import batching
from ..domain.batching import Batch, Draft
from ..domain.model import Comment, ObjectId, QueuedNotice, RoomId, Source
from ..domain.room_settings import Manner
from .mapping import attachments_of, manners
from .news import News, decide, ingested
from .object_rows import remembered_values
from .outbox_rows import WITH_BUSY, batch_values, notice_values
from .records import Drafting, Ingested
from .sql import UtcTime, alone
from .tables import attachments, comments

_is_known = exists().where(
    comments.c.object_id == attachments.c.object_id,
    comments.c.comment_id == bindparam("comment_id", type_=BigInteger),
)
_LOOK = WITH_BUSY.where(attachments.c.object_id == bindparam("of")).add_columns(
    _is_known.label("is_known"),
    literal_column("CAST(twentythree_objects.xmin AS text)").label("version"),
)
# No ON CONFLICT: where anything is there already, nothing of it is written.
_WRITE = text("""
WITH held AS (
    UPDATE twentythree_objects SET kind = kind
    WHERE object_id = :of AND CAST(xmin AS text) = :version
    RETURNING object_id
), seen AS (
    INSERT INTO twentythree_comments
        (object_id, comment_id, is_promoted, fingerprint, is_gone, trust)
    SELECT one.object_id, one.comment_id, one.is_promoted, one.fingerprint, one.is_gone, one.trust
    FROM held, json_to_recordset(CAST(:seen AS json)) AS one(object_id bigint,
        comment_id bigint, is_promoted boolean, fingerprint text, is_gone boolean, trust text)
), started AS (
    INSERT INTO twentythree_batches (room_id, nonce, body, layout, is_silent, language,
        after_object_id, about_object_id, attempts, created_at)
    SELECT one.room_id, one.nonce, one.body, one.layout, one.is_silent, one.language,
        one.after_object_id, one.about_object_id, 1, :now
    FROM held, json_to_recordset(CAST(:drafts AS json)) AS one(room_id bigint,
        nonce text, body text, layout text, is_silent boolean, language text,
        after_object_id bigint, about_object_id bigint)
    RETURNING id, room_id
), queued AS (
    INSERT INTO twentythree_notices (room_id, attachment_id, event_key, comment_id, quoted_id,
        payload, queued_at, is_live, rank, stage, batch_id, position, is_stale)
    SELECT one.room_id, one.attachment_id, one.event_key, one.comment_id, one.quoted_id,
        one.payload, :now, one.is_live, one.rank,
        CASE WHEN started.id IS NULL THEN 'pending' ELSE 'batched' END, started.id, 0, false
    FROM held CROSS JOIN json_to_recordset(CAST(:notices AS json)) AS one(room_id bigint,
        attachment_id bigint, event_key text, comment_id bigint, quoted_id bigint, payload text,
        is_live boolean, rank integer)
    LEFT JOIN started ON started.room_id = one.room_id
    RETURNING id, room_id, batch_id
)
SELECT queued.id, queued.room_id, queued.batch_id FROM held LEFT JOIN queued ON true
""").bindparams(
    bindparam("of", type_=BigInteger),
    bindparam("now", type_=UtcTime),
    *(bindparam(name, type_=Text) for name in ("version", "seen", "drafts", "notices")),
)


def take_single(
    connection: Connection,
    object_id: ObjectId,
    comment: Comment,
    *,
    source: Source,
    now: datetime,
    draft: Drafting | None,
) -> Ingested | None:
    """Take a comment that was never seen; ``None``: nothing is done, it goes the usual way."""
    with alone(connection):
        look = {"of": object_id, "comment_id": comment.comment_id}
        rooms = connection.execute(_LOOK, look).all()
        if not rooms:
            return Ingested()
        if rooms[0].is_known or rooms[0].has_replies:
            return None
        news, held = News(), attachments_of(rooms)
        decide(news, comment, {}, rooms, held, source=source, now=now)
        if news.hidden:
            return None
        if news.asked and any(row.has_actions or row.has_board for row in rooms):
            return None
        idle = manners(rooms, held)
        return _written(connection, news, rooms[0], idle, source=source, now=now, draft=draft)


def _written(
    connection: Connection,
    news: News,
    seen_as: Row[Any],
    idle: Mapping[RoomId, Manner],
    *,
    source: Source,
    now: datetime,
    draft: Drafting | None,
) -> Ingested | None:
    """Write it where the object's row is still as it was ``seen_as``."""
    lone = [] if draft is None else batching.lone(news.notices, idle)
    drafts = {one.room_id: draft(one, idle[one.room_id], now) for one in lone if draft is not None}
    object_id = ObjectId(seen_as.object_id)
    seen = (remembered_values(object_id, one) for one in news.changed.values())
    bodies = (batch_values(room_id, one) for room_id, one in drafts.items())
    given = {
        "of": object_id,
        "version": seen_as.version,
        "now": now,
        "seen": _json(seen),
        "drafts": _json(bodies),
        "notices": _json(notice_values(one) for one in news.notices),
    }
    try:
        found = connection.execute(_WRITE, given).all()
    except IntegrityError:
        return None
    if not found:
        return None
    queued, started = _made(found, news, drafts, now)
    return ingested(news, queued, frozenset(), started, source)


def _made(
    found: Iterable[Row[Any]], news: News, drafts: dict[RoomId, Draft], now: datetime
) -> tuple[list[QueuedNotice], tuple[Batch, ...]]:
    of_rooms = {one.room_id: one for one in news.notices}
    queued, started = [], []
    for row in found:
        if row.id is None:
            continue
        room_id = RoomId(row.room_id)
        notice = QueuedNotice(
            notice_id=row.id,
            room_id=room_id,
            event_key=of_rooms[room_id].event_key,
            notice=of_rooms[room_id].notice,
            queued_at=now,
        )
        queued.append(notice)
        if row.batch_id is not None:
            started.append(
                Batch(
                    batch_id=row.batch_id,
                    room_id=room_id,
                    nonce=drafts[room_id].nonce,
                    body=drafts[room_id].body,
                    manner=drafts[room_id].manner,
                    notices=(notice,),
                    created_at=now,
                )
            )
    return queued, tuple(started)


def _json(rows: Iterable[dict[str, Any]]) -> str:
    return json.dumps(list(rows))
