"""The verb ``copy``: move the database to another address, and see that all of it came there."""

from __future__ import annotations

import sys

from .app import plugin
from .supervisor import EXIT_FAILED, EXIT_OK


async def copy(source: str, target: str) -> int:
    """Print a line for each table that was copied; return the exit status."""
    try:
        async for one in plugin().copy_database(source, target):
            print(f"{one.name}: {one.rows} rows, checksum {one.checksum} on both sides")
    except plugin().StorageError as error:
        print(error, file=sys.stderr)
        return EXIT_FAILED
    print("copied; set TWENTYTHREE_DATABASE_URL to the new address and start the bot")
    return EXIT_OK
