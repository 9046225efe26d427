"""A connection of its own for the lead: the lock, and the row that decides.

Past SQLAlchemy: each question has a time limit, and the end of the connection is told at once.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Self

import asyncpg
from sqlalchemy import URL

from .lead import name_of
from .postgres_hosts import connect_args

# What any of it may fail with where the database is away.
TROUBLES: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # A connection that ends while it is told to give up what it did.
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
# Any two numbers do that nobody else uses in the same database: "2323" for this plugin.
_LOCK: Final = "2323, 1"
_IS_LOCK: Final = (
    "locktype = 'advisory' AND classid = 2323 AND objid = 1 AND objsubid = 2 AND database = "
    "(SELECT oid FROM pg_database WHERE datname = current_database())"
)
_ANSWER_S: Final = 5.0
# Whoever stands by asks something at least so often.
_HEARD_S: Final = 15.0
# The old leader's connections end within milliseconds once they are told to.
_ROW_LOCKED_MS: Final = 2_000

_LOOK: Final = (
    "SELECT term, holder, leader,"
    " extract(epoch FROM expires_at - clock_timestamp())::float8 AS left_s"
    " FROM twentythree_lead ORDER BY term DESC LIMIT 1"
)
# Of those that hold the lock without having begun a term only who has long been silent: another
# may have got it just now.
_END: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"  # noqa: S608 - texts of ours
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND (application_name = $1 OR (state_change < clock_timestamp() - $2::interval"
    f" AND pid IN (SELECT pid FROM pg_locks WHERE {_IS_LOCK} AND granted)))"
)
_END_LOCK: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"  # noqa: S608 - as above
    " WHERE application_name = $1 AND pid <> pg_backend_pid()"
    f" AND pid IN (SELECT pid FROM pg_locks WHERE {_IS_LOCK} AND granted)"
)
_MAKE_ROW: Final = (
    "INSERT INTO twentythree_lead (term, holder, leader, began_at, expires_at)"
    " SELECT 0, '', '', 'epoch', 'epoch' WHERE NOT EXISTS (SELECT FROM twentythree_lead)"
)
# Each transaction that writes holds the row FOR KEY SHARE (lead.py). This changes its key, so it
# waits for all of them, and they for this. The signs of the leader change no key:
# https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS
_BEGIN: Final = (
    "UPDATE twentythree_lead SET term = term + 1, holder = $1, leader = $2,"
    " began_at = clock_timestamp(), expires_at = clock_timestamp() + $3::interval"
    " RETURNING term"
)
# Whoever stands by has a connection, whatever it asks just now. The server keeps one for long of
# which the machine has gone; where it notes nothing of when it was used (track_activities), it
# counts.
_RENEW: Final = (
    "UPDATE twentythree_lead SET expires_at = clock_timestamp() + $3::interval"
    " WHERE term = $1 AND holder = $2"
    " RETURNING EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name LIKE 'twentythree-%'"
    " AND application_name <> current_setting('application_name')"
    " AND coalesce(state_change > clock_timestamp() - $4::interval, TRUE))"
)
# What SQLAlchemy keeps to itself of an address.
_SQLALCHEMYS: Final = ("prepared_statement_cache_size", "prepared_statement_name_func")


@dataclass(frozen=True, slots=True)
class LeadRow:
    """Who leads, in which term, and for how many seconds if no further sign comes."""

    term: int
    holder: str
    leader: str
    left_s: float


class LeadConnection:
    """One connection; whoever holds the lock holds it as long as that lives.

    ``ended`` is set where the connection has come to its end. Every method raises one of
    ``TROUBLES`` where the database does not answer.
    """

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self.ended = asyncio.Event()
        driver.add_termination_listener(self._note_end)

    @classmethod
    async def open(cls, url: URL, holder: str) -> Self:
        """Connect, under the name of the holder."""
        named = {"application_name": name_of(holder)}
        _, told = url.get_dialect()().create_connect_args(url)
        given: dict[str, Any] = {**told, **connect_args(url)}
        connect = given.pop("async_creator_fn")
        for name in _SQLALCHEMYS:
            given.pop(name, None)
        return cls(await connect(**given, server_settings=named))

    async def lock(self, within_s: float) -> bool:
        """Take the lock; wait no longer than that for who has it. Say whether it was taken."""
        # PostgreSQL takes 0 for no limit at all.
        await self._set_patience(max(1, round(within_s * 1000)))
        try:
            await self._driver.execute(
                f"SELECT pg_advisory_lock({_LOCK})", timeout=within_s + _ANSWER_S
            )
        except (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError):
            # The latter where the role has a limit of its own, which is shorter.
            return False
        return True

    async def look(self) -> LeadRow | None:
        """Return the row; ``None``: nobody has ever led."""
        try:
            found = await self._driver.fetchrow(_LOOK, timeout=_ANSWER_S)
        except asyncpg.UndefinedTableError:
            return None
        return None if found is None else LeadRow(**dict(found))

    async def is_new(self) -> bool:
        """Say whether the database lacks the row's table: it is new, or of an older version."""
        found = await self._driver.fetchval(
            "SELECT to_regclass('twentythree_lead')", timeout=_ANSWER_S
        )
        return found is None

    async def end(self, holder: str, lease_s: float) -> None:
        """End the connections of a holder, and of who holds the lock and has long been silent."""
        silent = timedelta(seconds=lease_s)
        await self._driver.execute(_END, name_of(holder), silent, timeout=_ANSWER_S)

    async def end_lock(self, holder: str) -> None:
        """End the connection with which a holder has the lock."""
        await self._driver.execute(_END_LOCK, name_of(holder), timeout=_ANSWER_S)

    async def begin(self, holder: str, leader: str, lease_s: float) -> int:
        """Begin the next term, after all that was written in the last; return its number."""
        await self._set_patience(_ROW_LOCKED_MS)
        await self._driver.execute(_MAKE_ROW, timeout=_ANSWER_S)
        lease = timedelta(seconds=lease_s)
        term = await self._driver.fetchval(_BEGIN, holder, leader, lease, timeout=_ANSWER_S)
        return int(term)

    async def renew(self, term: int, holder: str, lease_s: float) -> bool | None:
        """Give a sign; return whether others stand by. ``None``: the term is over."""
        lease, heard = timedelta(seconds=lease_s), timedelta(seconds=_HEARD_S)
        found = await self._driver.fetchval(_RENEW, term, holder, lease, heard, timeout=_ANSWER_S)
        return None if found is None else bool(found)

    async def close(self) -> None:
        """End it, and with it the lock; within a second in any case."""
        try:
            await self._driver.close(timeout=1.0)
        except TROUBLES:
            self.drop()

    def drop(self) -> None:
        """End it without a word to the database."""
        self._driver.terminate()

    async def _set_patience(self, milliseconds: int) -> None:
        await self._driver.execute(f"SET lock_timeout = {milliseconds}", timeout=_ANSWER_S)

    def _note_end(self, _: object) -> None:
        self.ended.set()
