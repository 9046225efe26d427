"""Of which outages servers were told, so that a restart does not tell them again."""

from __future__ import annotations

from sqlalchemy import Connection, select

from ..domain.model import GuildId
from ..domain.troubles import Outage
from .engine import Part, reads, writes
from .sql import insert_missing, remove
from .tables import outages


class Outages(Part):
    """The part of the store behind what people are told in private of outages."""

    @reads
    def told(self, connection: Connection) -> set[tuple[GuildId, Outage]]:
        """Return of which outages servers were told that were not over then."""
        rows = connection.execute(select(outages.c.guild_id, outages.c.outage))
        known = {str(one): one for one in Outage}
        return {(GuildId(row.guild_id), known[row.outage]) for row in rows if row.outage in known}

    @writes
    def set_told(
        self,
        connection: Connection,
        told: set[tuple[GuildId, Outage]],
        over: set[tuple[GuildId, Outage]],
    ) -> None:
        """Remember of which outages servers were told, and which are over."""
        for guild_id, outage in over:
            is_it = outages.c.outage == str(outage)
            remove(connection, outages, outages.c.guild_id == guild_id, is_it)
        rows = [{"guild_id": guild_id, "outage": str(outage)} for guild_id, outage in told]
        if rows:
            insert_missing(connection, outages, rows, outages.c.guild_id)
