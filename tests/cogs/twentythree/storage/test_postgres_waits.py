"""PostgreSQL goes away and comes back: what is waited for, and what is tried again."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial

import asyncpg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from cogs.twentythree.errors import StorageError
from cogs.twentythree.storage import Lead, Store, Why
from cogs.twentythree.storage import postgres as engine
from cogs.twentythree.storage.engine import Database
from tests.cogs.twentythree.storage.things import (
    attach,
    comment,
    execute,
    pending,
    query,
    take,
)
from tests.fakes.databases import PostgresDatabases, migrated
from tests.fakes.postgres import LocalPostgres

_OTHERS = " FROM pg_stat_activity WHERE datname = '{}' AND pid != pg_backend_pid()"
_END_ALL = "SELECT pg_terminate_backend(pid)" + _OTHERS
_DIGEST = "INSERT INTO twentythree_command_hashes VALUES ('{}', 'x')"


def name_of(address: str) -> str:
    return address.partition("@/")[2].partition("?")[0]


@pytest.fixture(scope="session")
def server() -> Iterator[LocalPostgres]:
    """A server that a test may end and begin."""
    own = LocalPostgres()
    own.start()
    yield own
    own.remove()


@pytest.fixture
async def own_address(server: LocalPostgres) -> str:
    address = server.address("bot")
    connection = await asyncpg.connect(host=server.host, user="postgres", database="postgres")
    await connection.execute("DROP DATABASE IF EXISTS bot WITH (FORCE)")
    await connection.execute("CREATE DATABASE bot")
    await connection.close()
    await migrated(address)
    return address


@asynccontextmanager
async def opened(address: str, patience_s: float = 60) -> AsyncIterator[Store]:
    store = await Store.open(address, patience_s=patience_s)
    try:
        yield store
    finally:
        await store.close()


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not is_so():  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)


def is_broken(store: Store, why: Why) -> bool:
    return store.broken is not None and store.broken.why is why


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_a_server_that_ends_and_begins_again_is_waited_for(
    server: LocalPostgres, own_address: str, mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(own_address) as store:
        await attach(store)
        await take(store, comment(1))
        await asyncio.to_thread(server.stop, mode)
        writing = [asyncio.create_task(take(store, comment(one))) for one in (2, 3)]
        reading = asyncio.create_task(store.upkeep.counts())
        await until(lambda: is_broken(store, Why.AWAY))
        assert not any(one.done() for one in (*writing, reading))

        await asyncio.to_thread(server.start)
        await asyncio.gather(*writing)
        assert (await reading).attachments == 1
        assert sorted(await pending(store)) == ["comment:1", "comment:2", "comment:3"]
        assert store.broken is None
    told = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert len([one for one in told if one.startswith("the database is waited for")]) == 1
    assert told[-1] == "the database answers again"


async def test_a_server_that_goes_when_the_lead_has_just_been_taken_is_waited_for(
    server: LocalPostgres, own_address: str, caplog: pytest.LogCaptureFixture
) -> None:
    lead = Lead("somebody")
    lead.begin(1, math.inf)
    await asyncio.to_thread(server.stop)
    opening = asyncio.create_task(Store.open(own_address, lead=lead))
    await until(lambda: opening.done() or "the database is waited for" in caplog.text)
    await asyncio.to_thread(server.start)

    await (await opening).close()


async def test_a_store_that_is_closed_while_its_server_is_away_waits_no_longer(
    server: LocalPostgres, own_address: str
) -> None:
    async with opened(own_address) as store:
        await asyncio.to_thread(server.stop)
        writing = asyncio.create_task(take(store, comment(1)))
        await until(lambda: store.broken is not None)
        await store.close()
        with pytest.raises(StorageError, match="refused"):
            await writing
    await asyncio.to_thread(server.start)


async def test_a_server_that_stays_away_is_told_after_a_while(
    server: LocalPostgres, own_address: str
) -> None:
    async with opened(own_address, patience_s=0.2) as store:
        await asyncio.to_thread(server.stop)
        said = r"bot at .* cannot be used: .*refused.* that its server runs"
        with pytest.raises(StorageError, match=said):
            await take(store, comment(1))
        assert is_broken(store, Why.AWAY)
        await asyncio.to_thread(server.start)
        await attach(store)
        assert store.broken is None


async def test_what_a_standby_has_goes_on_there_when_the_first_server_dies(
    server: LocalPostgres, own_address: str
) -> None:
    hosts = f"{server.host}:5432"
    second = await asyncio.to_thread(server.standby)
    try:
        # A commit waits until the standby has it, too; otherwise the last ones may be lost.
        await asyncio.to_thread(_wait_for_standby, server)
        both = f"postgresql+asyncpg://postgres@/bot?host={second.host}:5432&host={hosts}"
        async with opened(both) as store:
            await attach(store)
            await take(store, comment(1))
            await asyncio.to_thread(server.stop, "immediate")
            writing = asyncio.create_task(take(store, comment(2)))
            await until(lambda: is_broken(store, Why.AWAY))
            await asyncio.to_thread(second.promote)
            await writing
            assert await pending(store) == ["comment:1", "comment:2"]
    finally:
        await asyncio.to_thread(second.remove)
        await asyncio.to_thread(server.start)
        await asyncio.to_thread(_wait_for_nobody, server)


def _wait_for_standby(server: LocalPostgres) -> None:
    server.say("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
    server.say("ALTER DATABASE bot SET synchronous_commit = remote_apply")


def _wait_for_nobody(server: LocalPostgres) -> None:
    server.say("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")


async def test_connections_that_are_ended_cost_nothing(
    postgres: PostgresDatabases, postgres_database: str
) -> None:
    async with opened(postgres_database) as store:
        await attach(store)
        for number in range(1, 6):
            end_all = _END_ALL.format(name_of(postgres_database))
            await asyncio.to_thread(postgres.run, postgres_database, end_all)
            await take(store, comment(number))
        assert store.broken is None

        assert await pending(store) == [f"comment:{one}" for one in range(1, 6)]


async def test_connections_that_are_ended_in_the_midst_lose_and_double_nothing(
    postgres: PostgresDatabases, postgres_database: str
) -> None:
    """Each comment is one notice, and each word on the trail is there once."""
    database = Database.at(postgres_database)
    store = Store(database)
    await attach(store)
    end_all = _END_ALL.format(name_of(postgres_database))
    for number in range(1, 26):
        # Somewhere between their beginnings and their ends.
        await asyncio.gather(
            database.write(partial(_count_up, number=number)),
            take(store, comment(number), comment(number + 1000)),
            asyncio.to_thread(postgres.run, postgres_database, end_all),
        )

    assert len(await query(postgres_database, "SELECT id FROM twentythree_notices")) == 50
    counted = await query(postgres_database, "SELECT digest FROM twentythree_command_hashes")
    assert counted == ["25"]
    await store.close()


def _count_up(connection: Connection, number: int) -> None:
    if number == 1:
        connection.execute(text("INSERT INTO twentythree_command_hashes VALUES ('count', '0')"))
    connection.execute(
        text("UPDATE twentythree_command_hashes SET digest = CAST(digest AS integer) + 1")
    )


async def test_a_commit_of_which_nobody_heard_the_end_is_not_done_twice(
    postgres: PostgresDatabases, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database.at(postgres_database)
    await database.write(lambda connection: _count_up(connection, 1))
    lost: list[int] = []

    async def commit_and_lose(connection: AsyncConnection, driver: object, done: object) -> None:
        xid = (await connection.exec_driver_sql(engine._XID)).scalar_one()
        is_first = not lost
        lost.append(xid)
        if is_first:
            await connection.rollback()
        else:
            await connection.commit()
        raise engine._CommitLost(xid, done)

    monkeypatch.setattr(engine, "_commit", commit_and_lose)
    await database.write(lambda connection: _count_up(connection, 2))
    await database.close()

    # The first was not committed, and done again; the second was.
    assert len(lost) == 2
    assert await query(postgres_database, "SELECT digest FROM twentythree_command_hashes") == ["2"]


async def test_a_commit_that_goes_on_at_the_server_for_ever_holds_up_no_end(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database.at(postgres_database)
    going_on = await asyncpg.connect(postgres_database.replace("+asyncpg", ""))
    asked = asyncio.Event()
    async with going_on.transaction():
        # As with a server that waits for its replica.
        xid = int(await going_on.fetchval("SELECT pg_current_xact_id()::text"))

        async def lose(_: AsyncConnection, __: object, done: object) -> None:
            asked.set()
            raise engine._CommitLost(xid, done)

        monkeypatch.setattr(engine, "_commit", lose)
        writing = asyncio.create_task(database.write(lambda connection: _count_up(connection, 1)))
        await asked.wait()
        async with asyncio.timeout(20):
            await database.close()
        with pytest.raises(StorageError, match="stopping"):
            await writing
    await going_on.close()


async def test_a_database_that_takes_no_writes_is_waited_for_and_can_be_read(
    postgres: PostgresDatabases, postgres_database: str
) -> None:
    name = name_of(postgres_database)
    async with opened(postgres_database) as store:
        await attach(store)
        set_it = f"ALTER DATABASE {name} SET default_transaction_read_only = {{}}"
        end_all = _END_ALL.format(name)
        await asyncio.to_thread(postgres.run, postgres_database, set_it.format("on"), end_all)
        writing = asyncio.create_task(take(store, comment(1)))
        await until(lambda: is_broken(store, Why.READ_ONLY))
        assert (await store.upkeep.counts()).attachments == 1
        assert not writing.done()
        # Who looks whether it can be written to finds the same.
        async with opened(postgres_database, patience_s=0) as other:
            with pytest.raises(StorageError, match="read-only"):
                await other.upkeep.touch()

        allow = ("SET default_transaction_read_only = off", set_it.format("off"))
        await asyncio.to_thread(postgres.run, postgres_database, *allow)
        await writing
        assert store.broken is None
        assert await pending(store) == ["comment:1"]


async def test_a_server_without_a_connection_to_spare_is_waited_for(
    postgres: PostgresDatabases, postgres_database: str
) -> None:
    name = name_of(postgres_database)
    role = f"{name}_bot"
    await asyncio.to_thread(
        postgres.run,
        postgres_database,
        f"CREATE ROLE {role} LOGIN",
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}",
    )
    async with opened(postgres_database.replace("postgres@", f"{role}@")) as store:
        await attach(store)
        await asyncio.to_thread(
            postgres.run,
            postgres_database,
            f"ALTER ROLE {role} CONNECTION LIMIT 0",
            _END_ALL.format(name),
        )
        writing = asyncio.create_task(take(store, comment(1)))
        await until(lambda: is_broken(store, Why.AWAY))
        await asyncio.to_thread(
            postgres.run, postgres_database, f"ALTER ROLE {role} CONNECTION LIMIT -1"
        )
        await writing
        assert await pending(store) == ["comment:1"]
    drop = (f"DROP OWNED BY {role}", f"DROP ROLE {role}")
    await asyncio.to_thread(postgres.run, postgres_database, *drop)


async def test_two_that_wait_for_each_other_both_come_to_their_end(postgres_database: str) -> None:
    database = Database.at(postgres_database)
    for scope in "ab":
        await execute(postgres_database, _DIGEST.format(scope))
    met = 0

    def both(first: str, second: str) -> Callable[[Connection], None]:
        update = "UPDATE twentythree_command_hashes SET digest = digest || 'y' WHERE scope = '{}'"

        def work(connection: Connection) -> None:
            nonlocal met
            connection.execute(text(update.format(first)))
            met += 1
            # Long enough for the other one to hold its row.
            connection.execute(text("SELECT pg_sleep(0.05)"))
            connection.execute(text(update.format(second)))

        return work

    await asyncio.gather(database.write(both("a", "b")), database.write(both("b", "a")))
    await database.close()

    assert met > 2
    found = await query(postgres_database, "SELECT digest FROM twentythree_command_hashes")
    assert found == ["xyy", "xyy"]


async def test_a_transaction_that_reads_sees_one_picture(
    postgres: PostgresDatabases, postgres_database: str
) -> None:
    database = Database.at(postgres_database)
    count = text("SELECT count(*) FROM twentythree_command_hashes")

    def twice(connection: Connection) -> tuple[int, int]:
        before = connection.scalar(count)
        postgres.run(postgres_database, _DIGEST.format("between"))
        return before or 0, connection.scalar(count) or 0

    assert await database.read(twice) == (0, 0)
    with pytest.raises(StorageError, match="read-only"):
        await database.read(lambda connection: connection.execute(text(_DIGEST.format("no"))))
    await database.close()


async def test_what_was_closed_says_so_and_leaves_no_connection(
    postgres: PostgresDatabases, postgres_database: str
) -> None:
    async with opened(postgres_database) as store:
        reading = [asyncio.create_task(store.upkeep.counts()) for _ in range(3)]
        await asyncio.sleep(0)
        await store.close()
        ended = await asyncio.gather(*reading, return_exceptions=True)
        assert not any(
            isinstance(one, BaseException) and "stopping" not in str(one) for one in ended
        )
        with pytest.raises(StorageError, match="The bot is stopping"):
            await store.upkeep.counts()

    others = ("SELECT pid" + _OTHERS).format(name_of(postgres_database))
    assert postgres.run(postgres_database, others) == []


async def test_readers_wait_neither_for_a_writer_nor_for_a_long_look_there(
    postgres: PostgresDatabases, postgres_database: str
) -> None:
    database = Database.at(postgres_database)
    store = Store(database)
    # Whatever waits there waits in the server, and not on the loop.
    wait = text("SELECT pg_advisory_xact_lock_shared(5)")
    async with _held(postgres_database, "SELECT pg_advisory_lock(5)"):
        slow = [
            asyncio.create_task(transaction(lambda connection: connection.execute(wait)))
            for transaction in (database.write, database.read)
        ]
        await store.upkeep.counts()
        assert not any(task.done() for task in slow)
    await asyncio.gather(*slow)
    await store.close()


@asynccontextmanager
async def _held(address: str, statement: str) -> AsyncIterator[None]:
    connection = await asyncpg.connect(address.replace("+asyncpg", ""))
    await connection.execute(statement)
    try:
        yield
    finally:
        await connection.close()


@pytest.mark.parametrize("limit", ["lock_timeout", "statement_timeout"])
async def test_what_a_limit_of_the_role_ends_is_tried_again(
    postgres: PostgresDatabases, postgres_database: str, limit: str
) -> None:
    set_it = f"ALTER DATABASE {name_of(postgres_database)} SET {limit} = 50"
    await asyncio.to_thread(postgres.run, postgres_database, set_it)
    hold = "LOCK TABLE twentythree_attachments IN ACCESS EXCLUSIVE MODE"
    async with opened(postgres_database) as store:
        async with _held(postgres_database, f"SET {limit} = 0; BEGIN; {hold}"):
            doing = [asyncio.create_task(attach(store)), asyncio.create_task(store.upkeep.counts())]
            await until(lambda: is_broken(store, Why.LOCKED) or any(one.done() for one in doing))
        await asyncio.gather(*doing)
        assert store.broken is None
        assert (await store.upkeep.counts()).attachments == 1
