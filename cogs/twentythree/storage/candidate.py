"""Taking the lead on PostgreSQL, keeping it, and giving it back.

The lock tells at once that a leader has died or stopped: the database frees it with the connection.
The row tells of those that are silent: who freezes, or loses the network, keeps its lock.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

from ..errors import DatabaseInUseError, StorageError, log_failure
from .engine import Database, reason
from .lead import CUT_OFF, IN_DOUBT, OVERTAKEN, Doubt, Lead, StandingBy
from .lead_connection import TROUBLES, LeadConnection, LeadRow
from .location import place_of, read_address
from .migrate import migrate
from .postgres_hosts import NotEncryptedError

_log = logging.getLogger("twentythree.storage")

# Signs in one lease.
_SIGNS: Final = 5
_LONGEST_LOOK_S: Final = 5.0
_SHORTEST_LOOK_S: Final = 0.05
_AGAIN_S: Final = 1.0
_RESUME_AGAIN_S: Final = 0.2
_FAILED: Final = "The lead of the database {place} could not be kept; the log says why."
# https://www.postgresql.org/docs/current/errcodes-appendix.html: nothing of it passes by itself.
# Authorisation, no such database or schema, privileges.
_LASTING: Final = ("28", "3D", "3F", "42")


class Candidate:
    """One process that wants to lead.

    Args:
        address: the database.
        lead: what this process knows of its lead; filled here.
        leader: what others are told that it is.
        lease_s: after how long without a sign it is taken for gone.
        now: the time, aware.
    """

    def __init__(
        self, address: str, lead: Lead, *, leader: str, lease_s: float, now: Callable[[], datetime]
    ) -> None:
        self._address = address
        self._url = read_address(address)
        self._lead = lead
        self._leader = leader
        self._lease_s = lease_s
        self._now = now
        self._place = place_of(self._url)
        self._connection: LeadConnection | None = None

    async def take(self, *, stands_by: bool) -> None:
        """Take the lead; wait for that as long as it takes, if it ``stands_by``.

        Raises:
            DatabaseInUseError: another process leads, and this one does not stand by.
            StorageError: the database cannot be used, and waiting would not help.
        """
        if stands_by:
            # A database that does not answer takes its time to be known as such.
            why = f"asking who leads on the database {self._place}"
            self._lead.standing_by = StandingBy(since=self._now(), why=why)
        while True:
            try:
                await self._wait_for_lock(stands_by=stands_by)
                await self._begin()
            except TROUBLES as error:
                self._drop()
                self._await_database(error, stands_by=stands_by)
                await asyncio.sleep(_AGAIN_S)
            except BaseException:
                self._drop()
                raise
            else:
                return

    async def _wait_for_lock(self, *, stands_by: bool) -> None:
        connection = await self._connected()
        look_s = _SHORTEST_LOOK_S
        while not await connection.lock(look_s):
            row = await connection.look()
            if row is not None and row.left_s <= 0:
                await connection.end(row.holder, self._lease_s)
                look_s = _AGAIN_S
                continue
            if not stands_by:
                raise DatabaseInUseError(self._in_use(row))
            self._stand_by(self._awaited(row))
            # To the end of the lease, as it is now.
            left_s = _LONGEST_LOOK_S if row is None else row.left_s
            look_s = min(max(left_s, _SHORTEST_LOOK_S), _LONGEST_LOOK_S)

    async def _begin(self) -> None:
        connection, lead = await self._connected(), self._lead
        if await connection.is_new():
            # With the lock, but without a term yet: nobody else can have one.
            await self._make_tables()
        if (row := await connection.look()) is not None and row.holder:
            # What of it still works must not hold up the new term, which waits for its end.
            await connection.end(row.holder, self._lease_s)
        asked_at = lead.clock()
        term = await connection.begin(lead.holder, self._leader, self._lease_s)
        lead.begin(term, asked_at + self._lease_s)
        _log.info("leading on the database %s, term %d", self._place, term)

    async def _make_tables(self) -> None:
        database = Database.at(self._address)
        try:
            await database.write(migrate)
        finally:
            await database.close()

    async def keep(self) -> None:
        """Give a sign now and then, until cancelled or the lead is lost."""
        try:
            while not self._lead.is_lost:
                await self._rest()
                await self._give_sign()
        except Exception as error:  # noqa: BLE001 - supervision: without signs there is no lead
            log_failure(_log, "the lead could not be kept", error)
            self._lead.lose(_FAILED.format(place=self._place))
        # Whoever waits need not find out.
        self._drop()

    async def _give_sign(self) -> None:
        lead = self._lead
        if lead.is_over:
            # Nothing is asked first: it may have slept for an hour.
            lead.lose(CUT_OFF.format(place=self._place))
            return
        # Of several servers the one that is silent may be asked first: that takes longer.
        most_s = self._lease_s if self._connection is None else self._lease_s / _SIGNS
        try:
            async with asyncio.timeout(min(most_s, lead.left_s) if lead.left_s > 0 else most_s):
                if self._connection is None:
                    await self._resume()
                else:
                    await self._renew(self._connection)
        except TROUBLES as error:
            _log.debug("no sign could be given: %s", type(error).__name__)
            self._drop()
            if not lead.is_certain:
                self._doubt(error)

    def _doubt(self, error: Exception) -> None:
        """Say that the lease has run out, which nobody else may see: connections may still work."""
        lead = self._lead
        text = IN_DOUBT.format(place=self._place, reason=reason(error))
        if lead.doubt is None:
            _log.warning("%s", text)
        since = self._now() if lead.doubt is None else lead.doubt.since
        lead.doubt = Doubt(since=since, text=text)

    async def _renew(self, connection: LeadConnection) -> None:
        lead = self._lead
        asked_at = lead.clock()
        is_awaited = await connection.renew(lead.term, lead.holder, self._lease_s)
        if is_awaited is None:
            lead.lose(OVERTAKEN.format(place=self._place))
        else:
            lead.renew(asked_at + self._lease_s, is_awaited=is_awaited)

    async def _resume(self) -> None:
        """Take the lock again after the connection was lost: the row may still be ours."""
        connection, lead = await self._connected(), self._lead
        row = await connection.look()
        if row is None or (row.term, row.holder) != (lead.term, lead.holder):
            lead.lose(OVERTAKEN.format(place=self._place))
        elif await self._lock_again(connection):
            await self._renew(connection)
        else:
            # Somebody was quicker who stood by, and begins a term.
            self._drop()
            if not lead.is_certain:
                # Or does not come to that: only who stands by ends one that has the lock and froze.
                lead.lose(OVERTAKEN.format(place=self._place))

    async def _lock_again(self, connection: LeadConnection) -> bool:
        within_s = self._lease_s / _SIGNS / 2
        if await connection.lock(within_s):
            return True
        # It may be ours from before, of which the database has not noticed that it is dead.
        await connection.end_lock(self._lead.holder)
        return await connection.lock(within_s)

    async def release(self) -> None:
        """Give the lead back, for others to take at once."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with suppress(*TROUBLES):
            async with asyncio.timeout(1.0):
                await connection.renew(self._lead.term, self._lead.holder, 0.0)
        await connection.close()

    async def _rest(self) -> None:
        """Wait until a sign is due, the connection has ended, or the lease has run out."""
        connection, left_s = self._connection, self._lead.left_s
        rest_s = _RESUME_AGAIN_S if connection is None else self._lease_s / _SIGNS
        # Who is alone goes on after that.
        if left_s > 0 or self._lead.is_over:
            rest_s = max(0.0, min(rest_s, left_s))
        if connection is None:
            await asyncio.sleep(rest_s)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(rest_s):
                await connection.ended.wait()
                self._drop()

    async def _connected(self) -> LeadConnection:
        if self._connection is None:
            self._connection = await LeadConnection.open(self._url, self._lead.holder)
        return self._connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.drop()

    # What is said while another leads.

    def _await_database(self, error: Exception, *, stands_by: bool) -> None:
        """Say that the database is waited for.

        Raises:
            StorageError: that would not help, or is not wanted.
        """
        trouble = f"the database {self._place} cannot be used"
        said = f"{trouble} ({reason(error)})"
        if not stands_by or _lasts(error):
            raise StorageError(f"{said[0].upper()}{said[1:]}; check TWENTYTHREE_DATABASE_URL.")
        before = self._lead.standing_by
        # While a server ends and begins, or of several, each attempt may fail for another reason.
        is_told = before is not None and before.why.startswith(trouble)
        self._stand_by(said, logging.DEBUG if is_told else logging.WARNING)

    def _awaited(self, row: LeadRow | None) -> str:
        who = "another bot" if row is None or not row.leader else row.leader
        return f"{who} leads on the database {self._place}"

    def _in_use(self, row: LeadRow | None) -> str:
        said = self._awaited(row)
        return (
            f"{said[0].upper()}{said[1:]}; stop it first, or give this one a database of its own "
            "with TWENTYTHREE_DATABASE_URL."
        )

    def _stand_by(self, why: str, level: int = logging.INFO) -> None:
        before = self._lead.standing_by
        if before is not None and before.why == why:
            return
        since = self._now() if before is None else before.since
        self._lead.standing_by = StandingBy(since=since, why=why)
        _log.log(level, "%s", self._lead.standing_by)


def _lasts(error: Exception) -> bool:
    """Say whether it would be waited for in vain: what is wrong is the configuration."""
    is_of_encryption = isinstance(error, ssl.SSLCertVerificationError | NotEncryptedError)
    return is_of_encryption or str(getattr(error, "sqlstate", "")).startswith(_LASTING)
