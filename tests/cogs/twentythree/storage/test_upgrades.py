"""Databases that earlier versions of the plugin wrote."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from cogs.twentythree.domain import batching
from cogs.twentythree.domain.model import CommentNotice, Source
from cogs.twentythree.storage import Store
from cogs.twentythree.storage.engine import Database
from cogs.twentythree.storage.mapping import payload_of
from cogs.twentythree.storage.migrate import MIGRATIONS, upgrade
from tests.cogs.twentythree.storage.things import (
    NOW,
    ROOM,
    VIDEO,
    comment,
    comment_of,
    pending,
    take,
)

_FIRST = "INSERT INTO twentythree_"
# One object in one room; its comments wait there.
_WRITTEN = (
    (
        f"{_FIRST}objects (object_id, kind, title, url, watermark) "
        f"VALUES ({VIDEO.object_id}, 'video', '{VIDEO.title}', '{VIDEO.url}', 2)"
    ),
    (
        f"{_FIRST}attachments (id, guild_id, room_id, object_id, comments, announces_live, "
        "attached_by, attached_at) "
        f"VALUES (1, 1, {ROOM}, {VIDEO.object_id}, 'all', 0, 1, '{NOW:%Y-%m-%d %H:%M:%S}')"
    ),
    f"{_FIRST}comments VALUES ({VIDEO.object_id}, 1, 0), ({VIDEO.object_id}, 2, 1)",
)


async def written(address: str, revision: str, folder: Path) -> None:
    """Make a database as it was at a revision, with an object whose comments wait in a room."""
    scripts = folder / revision
    shutil.copytree(MIGRATIONS, scripts)
    for script in (scripts / "versions").glob("*.py"):
        if script.name > f"{revision}_~":
            script.unlink()

    def write(connection: Connection) -> None:
        upgrade(connection, scripts)
        for statement in _WRITTEN:
            connection.execute(text(statement))
        for number in (1, 2):
            notice = CommentNotice(
                object=VIDEO,
                comment=comment(number, is_promoted=number == 2),
                source=Source.REALTIME,
                seen_at=NOW,
            )
            connection.execute(
                text(
                    f"{_FIRST}notices (room_id, attachment_id, event_key, payload, queued_at, "
                    "is_live, stage, is_stale) VALUES (:room, 1, :key, :payload, :at, 0, "
                    "'pending', 0)"
                ),
                {
                    "room": ROOM,
                    "key": f"comment:{number}",
                    "payload": payload_of(notice),
                    "at": f"{NOW:%Y-%m-%d %H:%M:%S}",
                },
            )

    opened = Database.at(address)
    await opened.write(write)
    await opened.close()


async def test_what_waited_before_ranks_has_one_after_the_migration(tmp_path: Path) -> None:
    address = f"sqlite+aiosqlite:///{tmp_path / 'old.db'}"
    await written(address, "0001", tmp_path)

    store = await Store.open(address)
    assert await pending(store) == ["comment:2", "comment:1"]
    ranks = [batching.rank(one.notice) for one in (await store.outbox.work(ROOM)).pending]
    assert ranks == sorted(ranks)
    await store.close()


@pytest.mark.parametrize("revision", ["0003", "0004"])
async def test_what_was_said_before_changes_were_followed_follows_them_after(
    tmp_path: Path, revision: str
) -> None:
    address = f"sqlite+aiosqlite:///{tmp_path / 'old.db'}"
    await written(address, revision, tmp_path)

    store = await Store.open(address)
    tracked = await store.memory.tracked([VIDEO.object_id])
    assert {one.comment_id for one in tracked} == {1, 2}
    assert not (await take(store, comment(1))).rooms
    edited = replace(comment(1), text="Edited")
    await take(store, edited)
    found = [comment_of(queued) for queued in (await store.outbox.work(ROOM)).pending]
    assert found == [edited, comment(2, is_promoted=True)]
    await store.close()
