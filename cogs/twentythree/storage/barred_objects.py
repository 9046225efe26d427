"""Objects that are not public any more: barred where nobody agreed to show them, and free again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, true

from ..domain.deeds import LogNotice
from ..domain.model import Attachment, Notice, ObjectInfo, ProgrammeNotice, RoomId
from .mapping import attachment_of
from .object_rows import attachment_rows
from .outbox_rows import revise_waiting
from .sql import change
from .tables import attachments, notices


def bar_unagreed(
    connection: Connection, before: ObjectInfo, now: datetime
) -> tuple[Attachment, ...]:
    """Bar an object that is not public wherever nobody agreed to show it; return where it is new.

    ``before`` is the object as the rooms know it.
    """
    of_it = attachments.c.object_id == before.object_id
    fresh = attachment_rows(
        connection, of_it, attachments.c.barred_at.is_(None), ~attachments.c.is_agreed
    )
    ids = [row.id for row in fresh]
    these = attachments.c.id.in_(ids)
    change(connection, attachments, these, barred_at=now, public_title=before.title)
    return tuple(attachment_of(row) for row in attachment_rows(connection, these))


def free(
    connection: Connection, info: ObjectInfo, which: ColumnElement[bool] | None = None
) -> frozenset[RoomId]:
    """Let an object be shown again where it was barred, under the name it has now.

    ``which`` limits that to some attachments. Returned are their rooms. The cards of a live event
    are left to :func:`broadcasts.show`.
    """
    of_it = attachments.c.object_id == info.object_id
    barred = attachments.c.barred_at.is_not(None)
    rows = attachment_rows(connection, of_it, barred, true() if which is None else which)
    rooms = frozenset(RoomId(row.room_id) for row in rows)
    ids = [row.id for row in rows]
    these = attachments.c.id.in_(ids)
    change(connection, attachments, these, barred_at=None, public_title=None)
    _rename_waiting(connection, rooms, ids, info)
    return rooms


def _rename_waiting(
    connection: Connection, rooms: frozenset[RoomId], ids: Sequence[int], info: ObjectInfo
) -> None:
    # A card gets the rest with its state.
    info = replace(info, description=None, speakers=())

    def renamed(notice: Notice) -> Notice:
        if isinstance(notice, ProgrammeNotice | LogNotice):
            return notice
        return replace(notice, object=info)

    revise_waiting(connection, rooms, notices.c.attachment_id.in_(ids), by=renamed)
