"""Stores that are there at once: migrating a new file takes longer than most tests."""

from __future__ import annotations

import os
from pathlib import Path

from cogs.twentythree.storage import Store

_migrated: list[bytes] = []


async def open_store(path: Path) -> Store:
    """Open the store in a file of SQLite; a new one begins as a copy of one that is migrated."""
    await make_database(path)
    return await _open(path)


async def make_database(path: Path) -> None:
    """Make an empty database in a file, unless the file is there; it is its owner's alone."""
    if path.exists():  # noqa: ASYNC240 - nobody waits for this loop
        return
    if not _migrated:
        await (await _open(path)).close()
        _migrated.append(path.read_bytes())  # noqa: ASYNC240 - as above
        return
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        file.write(_migrated[0])


async def _open(path: Path) -> Store:
    return await Store.open(f"sqlite+aiosqlite:///{path}")
