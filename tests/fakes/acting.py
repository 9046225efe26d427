"""Comments of a store's notices as staff have acted on them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from cogs.twentythree.domain.model import CommentNotice
from cogs.twentythree.storage.mapping import notice_of, payload_of


def set_right(database: Path, *numbers: int, comment: Any = None, **values: Any) -> None:
    """Make the notices of these comments say something else, as a store does; they are stale.

    ``comment``: what of the comment itself is to be otherwise.
    """
    with closing(sqlite3.connect(database)) as other:
        for number in numbers:
            where = "WHERE comment_id = ?"
            select = f"SELECT payload FROM twentythree_notices {where}"  # noqa: S608 - our own
            ((payload,),) = other.execute(select, (number,)).fetchall()
            before = notice_of(payload)
            assert isinstance(before, CommentNotice)
            changed = replace(before.comment, **(comment or {}))
            after = replace(before, comment=changed, **values)
            update = f"UPDATE twentythree_notices SET payload = ?, is_stale = 1 {where}"  # noqa: S608
            other.execute(update, (payload_of(after), number))
        other.commit()
