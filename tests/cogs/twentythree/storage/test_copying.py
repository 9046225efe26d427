"""A database is moved to another address: whole, compared, and in pieces where it is ended."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest

from cogs.twentythree.domain.model import GuildId
from cogs.twentythree.domain.troubles import Outage
from cogs.twentythree.errors import DatabaseInUseError, StorageError
from cogs.twentythree.storage import Store, copying, leading, new_lead
from cogs.twentythree.storage.copying import CopiedTable, copy_database
from cogs.twentythree.storage.leading import claim
from tests.cogs.twentythree.storage.amid import amid
from tests.cogs.twentythree.storage.things import (
    LIVE,
    NOW,
    ROOM,
    attach,
    comment,
    execute,
    look,
    pending,
    post,
    query,
    seen,
    start,
    take,
)
from tests.fakes.databases import Databases, PostgresDatabases, SqliteFiles, migrated


@pytest.fixture(params=["to postgresql", "to sqlite"])
def both(
    request: pytest.FixtureRequest, sqlite_files: SqliteFiles, postgres: PostgresDatabases
) -> tuple[Databases, Databases]:
    """The kind of database to copy from, and the kind to copy to."""
    pair: tuple[Databases, Databases] = (sqlite_files, postgres)
    return pair if request.param == "to postgresql" else pair[::-1]


class EndedError(Exception):
    """In place of the end of the process."""


async def filled(address: str) -> None:
    store = await Store.open(address)
    await attach(store)
    await attach(store, LIVE)
    await take(store, *(comment(one, is_promoted=one % 2 == 0) for one in range(1, 21)))
    await post(store, nonce="posted")
    await take(store, comment(30))
    await start(store, nonce="started")
    await look(store, seen(on=True, viewers=3))
    await look(store, seen(on=True, viewers=4), minute=2)
    for scope in ("global", "Ünï", "guild 5", "Z", "a"):
        await store.upkeep.set_command_digest(scope, "x")
    await store.outages.set_told({(GuildId(2**63 - 1), Outage.DATABASE)}, set())
    await store.close()


async def copied(source: str, target: str) -> dict[str, CopiedTable]:
    return {one.name: one async for one in copy_database(source, target)}


async def test_all_comes_over_and_goes_on_there(
    both: tuple[Databases, Databases], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_AT_ONCE", 7)
    source, target = both[0].fresh(), both[1].fresh()
    await filled(source)
    # An ID that was given away is none to be given again.
    (last,) = await query(source, "SELECT max(id) FROM twentythree_notices")
    delete = "DELETE FROM twentythree_notices WHERE id = (SELECT max(id) FROM twentythree_notices)"
    await execute(source, delete)

    found = await copied(source, target)

    assert found["twentythree_comments"].rows == 21
    assert found["twentythree_command_hashes"].rows == 5
    old, new = await Store.open(source), await Store.open(target)
    assert await new.outbox.work(ROOM) == await old.outbox.work(ROOM)
    assert await new.upkeep.command_digests() == await old.upkeep.command_digests()
    assert await new.attachments.find() == await old.attachments.find()
    await take(new, comment(40), now=NOW + timedelta(hours=1))
    (late,) = (one for one in (await new.outbox.work(ROOM)).pending if "40" in one.event_key)
    assert late.notice_id > last
    await old.close()
    await new.close()


async def test_a_copy_that_was_ended_goes_on_where_it_was(
    both: tuple[Databases, Databases], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_AT_ONCE", 3)
    source, target = both[0].fresh(), both[1].fresh()
    await filled(source)
    insert, count = copying._insert, 0

    def ends(*args: object, **named: object) -> None:
        nonlocal count
        count += 1
        if count % 5 == 0:
            raise EndedError
        insert(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(copying, "_insert", ends)
    with pytest.raises(EndedError):
        await copied(source, target)
    with pytest.raises(StorageError, match="holds an unfinished copy; run"):
        await Store.open(target)
    found: dict[str, CopiedTable] = {}
    while not found:
        with contextlib.suppress(EndedError):
            found = await copied(source, target)

    assert found["twentythree_comments"].rows == 21
    # Not much of it is done twice.
    assert count < 40
    await (await Store.open(target)).close()


async def test_what_is_not_empty_is_left_alone(both: tuple[Databases, Databases]) -> None:
    source, target = both[0].fresh(), both[1].fresh()
    await filled(source)
    await filled(target)

    with pytest.raises(StorageError, match=r"^--to: .* is not empty: twentythree_\w+ has rows"):
        await copied(source, target)
    store = await Store.open(target)
    assert len(await pending(store)) == 1
    await store.close()


async def test_the_unfinished_copy_of_another_database_is_left_alone(
    sqlite_files: SqliteFiles, postgres_database: str
) -> None:
    first, second = sqlite_files.fresh(), sqlite_files.fresh()
    copy = copy_database(first, postgres_database)
    await anext(copy)
    await copy.aclose()

    with pytest.raises(StorageError, match=r"--to: .*unfinished copy of another one"):
        await copied(second, postgres_database)
    with pytest.raises(StorageError, match=r"--from: .*is itself an unfinished copy"):
        await copied(postgres_database, second)


async def test_the_unfinished_copy_of_an_older_version_is_left_alone(
    sqlite_database: str, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copy_database(sqlite_database, postgres_database)
    await anext(copy)
    await copy.aclose()
    # What a newer version brings up to date is the source alone.
    monkeypatch.setattr(copying, "newest", lambda: "9999")
    await execute(sqlite_database, "UPDATE twentythree_schema SET version_num = '9999'")

    with pytest.raises(StorageError, match=r"--to: .*unfinished copy .*by another version"):
        await copied(sqlite_database, postgres_database)


async def test_a_difference_is_told_and_the_copy_is_not_taken_for_done(
    both: tuple[Databases, Databases], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = both[0].fresh(), both[1].fresh()
    await filled(source)
    insert = copying._insert

    def other(
        connection: object, of: object, values: list[dict[str, object]], **named: object
    ) -> None:
        changed = [one | {"title": "T"} if "picture_url" in one else one for one in values]
        insert(connection, of, changed, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(copying, "_insert", other)
    with pytest.raises(StorageError, match="twentythree_objects has 2 rows and is not what"):
        await copied(source, target)
    with pytest.raises(StorageError, match="unfinished copy"):
        await Store.open(target)


async def test_a_source_that_a_bot_works_with_is_not_copied(
    sqlite_database: str, postgres_database: str
) -> None:
    uses = (
        r"^--from: Another bot \(process \d+ .+\) uses the database .+; stop it, and copy again\.$"
    )
    with claim(sqlite_database), pytest.raises(DatabaseInUseError, match=uses):
        await copied(sqlite_database, postgres_database)


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("nonsense", "sqlite:///new.db", "--from is not the address of a database"),
        ("sqlite:///{}/there.db", "nonsense", "--to is not the address of a database"),
        ("sqlite:///{}/none.db", "sqlite:///{}/new.db", "--from: there is no database .*none.db"),
        ("sqlite:///{}/there.db", "sqlite+aiosqlite:///{}/there.db", "name the same database"),
        (
            "sqlite:///{}/there.db",
            "postgresql://me@127.0.0.1:1/bot",
            "The database bot at .*check --to",
        ),
        (
            # Two servers of one machine, of which the first is away.
            "postgresql://me@127.0.0.1:1/bot",
            "postgresql://me@127.0.0.1:2/bot",
            "The database bot at 127.0.0.1:1 .*check --from",
        ),
        (
            "postgresql://me@127.0.0.1/bot",
            "postgresql+asyncpg://you@127.0.0.1:5432/bot",
            "name the same database",
        ),
        ("sqlite:///{}/bare.db", "sqlite:///{}/new.db", "--from: .*holds nothing of the plugin"),
        ("sqlite:///{}/old.db", "sqlite:///{}/new.db", "--from: .*another version of the plugin"),
    ],
)
async def test_what_is_wrong_is_said_in_one_sentence_and_nothing_is_made(
    tmp_path: Path, source: str, target: str, said: str
) -> None:
    await migrated(f"sqlite:///{tmp_path}/there.db")
    await migrated(f"sqlite:///{tmp_path}/old.db")
    await execute(
        f"sqlite:///{tmp_path}/old.db", "UPDATE twentythree_schema SET version_num = '0001'"
    )
    await execute(f"sqlite:///{tmp_path}/bare.db", "CREATE TABLE other (one)")

    with pytest.raises(StorageError, match=said) as caught:
        await copied(source.format(tmp_path), target.format(tmp_path))

    assert "\n" not in str(caught.value)
    assert "TWENTYTHREE_DATABASE_URL" not in str(caught.value)
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize("led", ["--from", "--to"])
async def test_where_a_bot_leads_nothing_is_copied(
    postgres: PostgresDatabases, sqlite_files: SqliteFiles, led: str
) -> None:
    at, other = postgres.fresh(), sqlite_files.fresh()
    pair = (at, other) if led == "--from" else (other, at)
    async with leading(at, new_lead(), lease_s=60, stands_by=False):
        with pytest.raises(StorageError, match=rf"{led}: A bot works with the database \(process"):
            await copied(*pair)

    assert await copied(*pair)


async def test_a_copy_from_which_a_bot_has_begun_to_work_is_not_taken_for_done(
    postgres: PostgresDatabases, sqlite_files: SqliteFiles
) -> None:
    source, target = postgres.fresh(), sqlite_files.fresh()
    copy = copy_database(source, target)
    await anext(copy)
    async with leading(source, new_lead(), lease_s=60, stands_by=False):
        with pytest.raises(StorageError, match=r"--from: A bot works with the database \(process"):
            _ = [one async for one in copy]
    with pytest.raises(StorageError, match="unfinished copy"):
        await Store.open(target)

    assert await copied(source, target)


async def test_a_copy_from_which_a_bot_has_worked_meanwhile_is_not_taken_for_done(
    postgres: PostgresDatabases, sqlite_files: SqliteFiles
) -> None:
    source, target = postgres.fresh(), sqlite_files.fresh()
    copy = copy_database(source, target)
    for _ in copying._TABLES:
        await anext(copy)
    lead = new_lead()
    async with leading(source, lead, lease_s=60, stands_by=False):
        store = await Store.open(source, lead=lead)
        await attach(store)
        await store.close()

    with pytest.raises(StorageError, match=r"--from: A bot has worked with the database meanwhile"):
        _ = [one async for one in copy]
    with pytest.raises(StorageError, match="unfinished copy"):
        await Store.open(target)


async def test_a_bot_that_was_frozen_and_has_ended_meanwhile_is_seen_by_its_last_sign(
    postgres: PostgresDatabases, sqlite_files: SqliteFiles
) -> None:
    source, target = postgres.fresh(), sqlite_files.fresh()
    frozen = new_lead()
    async with leading(source, frozen, lease_s=60, stands_by=False):
        await execute(source, "UPDATE twentythree_lead SET expires_at = 'epoch'")
        copy = copy_database(source, target)
        for _ in copying._TABLES:
            await anext(copy)
        # It wakes up, and goes on in the same term; then it is stopped.

    with pytest.raises(StorageError, match=r"--from: A bot has worked with the database meanwhile"):
        _ = [one async for one in copy]


async def said(source: str, target: str) -> str:
    """Copy; return what it fails for, or nothing."""
    try:
        await copied(source, target)
    except StorageError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("before", ["INSERT INTO twentythree_comments", "SELECT setval("])
async def test_of_two_copies_at_once_one_goes_on(postgres: PostgresDatabases, before: str) -> None:
    source, target = postgres.fresh(), postgres.fresh()
    await filled(source)

    ends = await amid(target, said(source, target), before, said(source, target))

    assert sorted(map(bool, ends)) == [False, True]
    assert "--to: Another copy writes to the database" in "".join(ends)
    assert len(await query(target, "SELECT comment_id FROM twentythree_comments")) == 21
    await (await Store.open(target)).close()


async def test_a_copy_that_another_one_has_overtaken_leaves_a_bots_database_alone(
    postgres: PostgresDatabases,
) -> None:
    source, target = postgres.fresh(), postgres.fresh()
    await filled(source)
    forget = "DELETE FROM twentythree_comments"

    async def overtaken() -> None:
        await copied(source, target)
        # As a bot does that was started on it.
        await execute(target, forget)

    # Of a row that was read, and is not written yet.
    page = "SELECT twentythree_comments.object_id"
    end, _ = await amid(target, said(source, target), page, overtaken())

    assert end.startswith("--to: Another copy writes to the database, or has finished it")
    assert await query(target, "SELECT comment_id FROM twentythree_comments") == []
