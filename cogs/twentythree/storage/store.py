"""The store, as the rest of the plugin sees it."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Self

from ..errors import StorageError
from .attachments import Attachments
from .barred_servers import BarredServers
from .boards import Boards
from .broadcasts import Broadcasts, Programmes
from .calendars import Calendars
from .card_threads import CardThreads
from .engine import Broken, Database
from .exposures import Exposures
from .follows import Follows
from .kept_settings import KeptSettings
from .lead import Lead
from .location import is_to_be_made
from .memory import Memory, RealtimeAddresses
from .migrate import migrate
from .outbox import Outbox
from .questions import Questions
from .reports import Reports
from .server_settings import ServerSettings, Setups
from .sqlite import PATIENCE_S
from .trail import Trail
from .upkeep import Digests, Outages, Upkeep

_log = logging.getLogger("twentythree.storage")


class Store:
    """The database: a part for each kind of thing that survives, and what concerns all of it.

    Each method of a part is one transaction: it happened as a whole or not at all, also where the
    process dies. One that is cancelled ends first what it began. The methods may be called from
    many tasks at once, and several processes may have the same database open. All raise
    ``StorageError`` where the database fails.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.attachments = Attachments(database)
        self.follows = Follows(database)
        self.memory = Memory(database)
        self.broadcasts = Broadcasts(database)
        self.calendars = Calendars(database)
        self.outbox = Outbox(database)
        self.threads = CardThreads(database)
        self.digests = Digests(database)
        self.programmes = Programmes(database)
        self.reports = Reports(database)
        self.questions = Questions(database)
        self.boards = Boards(database)
        self.realtime_addresses = RealtimeAddresses(database)
        self.barred_servers = BarredServers(database)
        self.exposures = Exposures(database)
        self.servers = ServerSettings(database)
        self.rooms = KeptSettings(database)
        self.trail = Trail(database)
        self.setups = Setups(database)
        self.outages = Outages(database)
        self.upkeep = Upkeep(database)
        self._looking: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls, url: str, *, lead: Lead | None = None, patience_s: float = PATIENCE_S
    ) -> Self:
        """Open the database at an SQLAlchemy address, and bring its schema up to date.

        ``lead``: on PostgreSQL nothing is written once its term is over. ``patience_s``: for how
        long anything waits for another process to let SQLite's file go.

        Raises:
            StorageError: the address is wrong, its driver is missing, the place cannot be
                written to, or a newer version of the plugin wrote the database.
        """
        new = is_to_be_made(url)
        database = Database.at(url, lead=lead, patience_s=patience_s)
        try:
            await database.write(migrate)
        except BaseException:
            await database.close()
            raise
        if new is not None:
            _log.info("made a new database: %s", new)
        return cls(database)

    async def watch(self) -> None:
        """Look now and then whether the database is still there, until cancelled.

        Raises:
            StorageLostError: its file was deleted or replaced.
        """
        await self._database.watch()

    async def look(self, patience_s: float) -> None:
        """See whether the database can be written to, for no longer than that.

        A look that takes longer goes on; who looks meanwhile waits for that one.
        """
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._touch(), name="look at the database")
        await asyncio.wait({self._looking}, timeout=patience_s)

    async def _touch(self) -> None:
        # What fails is noted by the database.
        with suppress(StorageError):
            await self.upkeep.touch()

    @property
    def broken(self) -> Broken | None:
        """What is wrong with the database, as far as anybody has noticed."""
        return self._database.health.broken

    @property
    def oldest_begun(self) -> object | None:
        """What stands for the transaction that has been under way for longest; ``None``: none.

        Where it is the same for long, the database does not answer.
        """
        return self._database.health.oldest_begun

    @property
    def place(self) -> str:
        """Where the database is, for people."""
        return self._database.place

    def abandon(self) -> None:
        """End what is under way on PostgreSQL, and begin nothing more: another process leads."""
        self._database.abandon()

    async def close(self) -> None:
        """Close every connection to the database."""
        if self._looking is not None:
            self._looking.cancel()
        # Who waits for the file is sent away by that, a look as well.
        await self._database.close()
        if self._looking is not None:
            await asyncio.wait({self._looking})
