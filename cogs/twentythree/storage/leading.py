"""Being the one process that works with the database, whichever database it is."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from ..errors import StorageError
from .claim import claim
from .engine import to_its_end
from .lead import Lead
from .location import no_driver, read_address

if TYPE_CHECKING:
    from .candidate import Candidate


def new_lead() -> Lead:
    """Return a lead under a name that nobody ever had; it is to be taken yet."""
    return Lead(uuid4().hex)


@asynccontextmanager
async def leading(
    address: str, lead: Lead, *, lease_s: float, stands_by: bool
) -> AsyncGenerator[None]:
    """Lead on the database at ``address`` meanwhile; ``lead`` tells for how long that is so.

    SQLite's file is claimed, and nobody can take it over. On PostgreSQL another process may lead:
    then this waits for its end if it ``stands_by``.

    Raises:
        DatabaseInUseError: another process works with it.
        StorageError: the database cannot be used.
    """
    url = read_address(address)
    if url.get_backend_name() == "sqlite":
        with claim(address):
            lead.begin_alone()
            yield
        return
    try:
        from .candidate import Candidate  # noqa: PLC0415 - asyncpg is there where it is wanted
    except ImportError:
        raise StorageError(no_driver(url)) from None
    candidate = Candidate(
        address,
        lead,
        leader=f"process {os.getpid()} on {socket.gethostname()}",
        lease_s=lease_s,
        now=lambda: datetime.now(UTC),
    )
    await candidate.take(stands_by=stands_by)
    keeping = asyncio.create_task(candidate.keep(), name="lead")
    try:
        yield
    finally:
        # Also where the end is cancelled: others would wait until the lease has run out.
        await to_its_end(_give_back(candidate, keeping, lead))


async def _give_back(candidate: Candidate, keeping: asyncio.Task[None], lead: Lead) -> None:
    keeping.cancel()
    await asyncio.wait({keeping})
    lead.give_back()
    await candidate.release()
