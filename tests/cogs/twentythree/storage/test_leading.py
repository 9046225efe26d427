"""One leads on PostgreSQL, and the others wait; what an old leader writes is refused."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Connection, make_url, text

from cogs.twentythree.errors import DatabaseInUseError, LeadLostError, StorageError
from cogs.twentythree.storage import Store, lead_connection
from cogs.twentythree.storage.tables import metadata
from tests.cogs.twentythree.storage.leaders import Candidates, led, until
from tests.cogs.twentythree.storage.things import attach
from tests.fakes import tcp_proxy
from tests.fakes.databases import PostgresDatabases
from tests.fakes.postgres_network import networked

# Self-signed.
_CERTIFICATE = Path(tcp_proxy.__file__).with_name("localhost.pem")
_ROW = "SELECT term FROM twentythree_lead"
_WAITS = (
    "SELECT pid, query_start FROM pg_stat_activity WHERE datname = current_database()"
    " AND state = 'active' AND query LIKE 'SELECT pg_advisory_lock%'"
)


@pytest.fixture
async def candidates(postgres_database: str) -> AsyncGenerator[Candidates]:
    async with AsyncExitStack() as stack:
        yield Candidates(postgres_database, stack)


async def test_the_first_leads_in_the_first_term(
    postgres_database: str, postgres: PostgresDatabases, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "twentythree.storage")
    async with led(postgres_database) as lead:
        assert lead.is_certain
        assert lead.term == 1
        assert postgres.run(postgres_database, _ROW) == [1]
        assert "term 1" in caplog.text


async def test_a_database_without_tables_gets_them_from_who_leads(
    postgres: PostgresDatabases,
) -> None:
    async with led(postgres.bare()) as lead:
        assert lead.term == 1


async def test_who_does_not_stand_by_is_refused_and_told_who_leads(postgres_database: str) -> None:
    async with led(postgres_database):
        with pytest.raises(DatabaseInUseError, match=r"^Process \d+ on .+ leads on the database"):
            async with led(postgres_database):
                pass


async def test_a_stand_by_says_so_once_and_takes_over_when_the_leader_stops(
    postgres_database: str, candidates: Candidates, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "twentythree.storage")
    async with led(postgres_database):
        other = candidates.standing_by()
        said = await other.waits()
        assert said.startswith("Standing by since 20")
        assert not other.lead.is_certain
        assert [one.message for one in caplog.records].count(said) == 1
    await other.took_over()

    assert other.lead.is_certain
    assert other.lead.standing_by is None
    assert other.lead.term == 2


@pytest.mark.parametrize("steps", [1, 5])
async def test_who_is_cancelled_while_giving_it_back_gives_it_back(
    postgres_database: str, candidates: Candidates, steps: int
) -> None:
    leads = candidates.standing_by(lease_s=300)
    await leads.took_over()
    other = candidates.standing_by()
    await other.waits()

    leads.cancel()
    for _ in range(steps):
        await asyncio.sleep(0)
    leads.cancel()
    await leads.end()

    await other.took_over()


async def test_a_limit_of_the_role_does_not_keep_a_stand_by_from_waiting(
    postgres_database: str,
    postgres: PostgresDatabases,
    candidates: Candidates,
    caplog: pytest.LogCaptureFixture,
) -> None:
    waits: set[tuple[int, object]] = set()

    def is_seen_to_wait_again() -> bool:
        waits.update(map(tuple, postgres.rows(postgres_database, _WAITS)))
        return len(waits) > 3

    async with led(postgres_database):
        name = make_url(postgres_database).database
        postgres.run(postgres_database, f"ALTER DATABASE {name} SET statement_timeout = 80")
        other = candidates.standing_by()
        await until(is_seen_to_wait_again)
    await other.took_over()

    assert len({pid for pid, _ in waits}) == 1
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


async def test_of_many_that_stand_by_one_takes_over(
    postgres_database: str, candidates: Candidates
) -> None:
    async with led(postgres_database):
        others = [candidates.standing_by() for _ in range(3)]
        for one in others:
            await one.waits()
    await until(lambda: any(one.leads.is_set() for one in others))

    (first,) = (one for one in others if one.leads.is_set())
    await first.end()
    await until(lambda: sum(one.leads.is_set() for one in others) == 2)
    assert max(one.lead.term for one in others) == 3


async def test_a_silent_leader_is_taken_for_gone_when_its_lease_has_run_out(
    postgres_database: str, postgres: PostgresDatabases, candidates: Candidates
) -> None:
    async with led(postgres_database) as lead:
        other = candidates.standing_by()
        await other.waits()
        # As the row of one that has given no sign for long; its lock is still there.
        postgres.run(
            postgres_database,
            # It is another's, too: this one is awake, and would be quicker to take it up again.
            "UPDATE twentythree_lead SET expires_at = clock_timestamp(), holder = 'gone'"
            " RETURNING 1",
        )
        await other.took_over()

        with pytest.raises(LeadLostError, match="taken over"):
            await asyncio.wait_for(lead.lost(), 60)
        assert not lead.is_certain


async def test_nothing_is_written_once_the_term_is_over(
    postgres_database: str, postgres: PostgresDatabases
) -> None:
    async with led(postgres_database) as lead:
        store = await Store.open(postgres_database, lead=lead)
        await attach(store)
        postgres.run(
            postgres_database,
            "UPDATE twentythree_lead SET term = term + 1, holder = 'other' RETURNING 1",
        )

        with pytest.raises(LeadLostError):
            await store.upkeep.set_command_digest("global", "x")
        assert await store.upkeep.command_digests() == {}
        assert lead.is_lost
        await store.close()


def test_every_table_of_the_leaders_is_fenced(
    postgres_database: str, postgres: PostgresDatabases
) -> None:
    found = postgres.run(
        postgres_database,
        "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'twentythree_fence'",
    )

    assert set(found) == metadata.tables.keys() - {"twentythree_lead"}


async def test_who_does_not_want_to_lead_may_change_a_word(postgres_database: str) -> None:
    async with led(postgres_database):
        store = await Store.open(postgres_database)
        await store.upkeep.set_command_digest("global", "x")

        assert await store.upkeep.command_digests() == {"global": "x"}
        await store.close()


async def test_a_new_term_waits_for_what_the_old_one_writes_and_signs_do_not(
    postgres_database: str, postgres: PostgresDatabases
) -> None:
    async with led(postgres_database, lease_s=3) as lead:
        store = await Store.open(postgres_database, lead=lead)

        def work(connection: Connection) -> list[list[Any]]:
            connection.execute(text("UPDATE twentythree_objects SET kind = kind"))
            sign = "UPDATE twentythree_lead SET expires_at = clock_timestamp() RETURNING 1"
            term = "UPDATE twentythree_lead SET term = term + 1 RETURNING 1"
            quick = "SET lock_timeout = 300"
            held = postgres.run(postgres_database, quick, sign)
            try:
                return [held, postgres.run(postgres_database, quick, term)]
            except Exception as error:  # noqa: BLE001 - whatever it is, it is compared
                return [held, [type(error).__name__]]

        assert await store._database.write(work) == [[1], ["LockNotAvailableError"]]
        await store.close()


async def test_a_lost_connection_is_made_again_in_the_same_term(
    postgres_database: str, postgres: PostgresDatabases
) -> None:
    async with led(postgres_database) as lead:
        for _ in range(2):
            before = lead._until
            postgres.run(
                postgres_database,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name LIKE 'twentythree-%'",
            )
            await until(partial(lambda then: lead._until > then, before))

        assert lead.is_certain
        assert postgres.run(postgres_database, _ROW) == [1]
        with pytest.raises(DatabaseInUseError):
            async with led(postgres_database):
                pass


async def test_who_is_cut_off_and_awaited_gives_up_when_the_lease_has_run_out(
    postgres_database: str, candidates: Candidates
) -> None:
    async with networked(postgres_database) as (proxy, address), led(address, lease_s=3) as lead:
        other = candidates.standing_by(lease_s=3)
        await other.waits()
        await until(lambda: lead.is_awaited)
        store = await Store.open(address, lead=lead)
        proxy.stall()
        # One has a connection, the other is about to make one.
        writing = [asyncio.create_task(store.upkeep.touch()) for _ in range(2)]

        with pytest.raises(LeadLostError, match="has not answered"):
            await asyncio.wait_for(lead.lost(), 60)
        store.abandon()
        done, _ = await asyncio.wait(writing, timeout=1)
        assert [type(one.exception()) for one in done] == [LeadLostError] * 2
        with pytest.raises(StorageError):
            await store.upkeep.touch()
        await other.took_over()
        assert other.lead.term == 2
        await store.close()


async def test_who_is_cut_off_and_alone_goes_on_in_its_term(postgres_database: str) -> None:
    async with networked(postgres_database) as (proxy, address), led(address, lease_s=3) as lead:
        proxy.stall()
        await until(lambda: not lead.is_certain)
        proxy.cut()
        proxy.flow()
        await until(lambda: lead.is_certain)

        assert not lead.is_lost
        assert lead.term == 1


async def test_who_stood_by_and_has_gone_without_a_word_is_not_one_that_waits(
    postgres_database: str, candidates: Candidates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lead_connection, "_HEARD_S", 1.0)
    async with networked(postgres_database) as (proxy, address):
        candidates.address = address
        async with led(postgres_database, lease_s=1) as lead:
            candidates.standing_by(lease_s=1)
            await until(lambda: lead.is_awaited)
            # Its connection stays, as PostgreSQL has it.
            proxy.stall()

            await until(lambda: not lead.is_awaited)
            assert lead.is_certain


async def test_who_takes_the_lock_and_freezes_before_it_begins_a_term_is_ended(
    postgres_database: str, postgres: PostgresDatabases
) -> None:
    frozen = await asyncpg.connect(postgres_database.replace("+asyncpg", ""))
    async with led(postgres_database, lease_s=1) as lead:
        taking = asyncio.create_task(frozen.execute("SELECT pg_advisory_lock(2323, 1)"))
        await until(lambda: postgres.rows(postgres_database, _WAITS))
        assert not lead.is_awaited
        end_others = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name LIKE 'twentythree-%'"
        )
        postgres.run(postgres_database, end_others)
        await taking

        with pytest.raises(LeadLostError, match="taken over"):
            await asyncio.wait_for(lead.lost(), 60)
    async with asyncio.timeout(60), led(postgres_database, stands_by=True, lease_s=1) as after:
        assert after.term == 2
    assert frozen.is_closed()


async def test_a_stand_by_waits_for_a_database_that_is_away(
    postgres_database: str, candidates: Candidates
) -> None:
    async with networked(postgres_database) as (proxy, address):
        proxy.is_refusing = True
        candidates.address = address
        one = candidates.standing_by()
        assert "cannot be used" in await one.waits()
        proxy.is_refusing = False
        await one.took_over()
        await one.end()


async def test_it_warns_of_that_once_whatever_the_next_attempts_fail_for(
    postgres_database: str, candidates: Candidates, caplog: pytest.LogCaptureFixture
) -> None:
    async with networked(postgres_database) as (proxy, address):
        proxy.is_refusing = True
        candidates.address = address
        one = candidates.standing_by()
        assert "connection refused" not in await one.waits()
    # Nobody is there any more.
    await until(lambda: "(connection refused)" in str(one.lead.standing_by))

    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len([one for one in said if "cannot be used" in one]) == 1


async def test_a_database_that_will_never_let_us_in_is_not_waited_for(
    postgres_database: str,
) -> None:
    path, _, query = postgres_database.partition("?")
    nowhere = f"{path.rpartition('/')[0]}/no_such_database?{query}"

    with pytest.raises(StorageError, match="no_such_database"):
        async with led(nowhere, stands_by=True):
            pass


@asynccontextmanager
async def encrypting() -> AsyncGenerator[int]:
    """Yield the port of a server whose certificate nobody trusts."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(_CERTIFICATE)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, EOFError):
            await reader.readexactly(8)
            writer.write(b"S")
            await writer.start_tls(tls)
            await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def test_a_server_whose_certificate_is_not_trusted_is_not_waited_for() -> None:
    async with encrypting() as port:
        address = f"postgresql://bot@127.0.0.1:{port}/bot?sslmode=verify-full"
        with pytest.raises(StorageError, match="certificate verify failed"):
            async with asyncio.timeout(60), led(address, stands_by=True):
                pass


async def test_a_server_that_does_not_encrypt_where_it_must_is_not_waited_for(
    postgres_database: str,
) -> None:
    async with networked(postgres_database) as (_, address):
        with pytest.raises(StorageError, match="takes no encrypted connections"):
            async with asyncio.timeout(60), led(f"{address}?sslmode=require", stands_by=True):
                pass


async def test_a_server_that_ends_while_encryption_is_agreed_upon_is_waited_for(
    candidates: Candidates,
) -> None:
    async with await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        candidates.address = f"postgresql://bot@127.0.0.1:{port}/bot?sslmode=require"

        assert "cannot be used" in await candidates.standing_by().waits()
