"""Stores that are there at once: migrating a new file takes longer than most tests."""

from __future__ import annotations

from pathlib import Path

from cogs.twentythree.storage import Store

_migrated: list[bytes] = []


async def open_store(path: Path) -> Store:
    """Open the store in a file of SQLite; a new one begins as a copy of one that is migrated."""
    if not (_migrated or path.exists()):  # noqa: ASYNC240 - nobody waits for this loop
        await (await _open(path)).close()
        _migrated.append(path.read_bytes())  # noqa: ASYNC240 - as above
    if not path.exists():  # noqa: ASYNC240 - as above
        path.write_bytes(_migrated[0])  # noqa: ASYNC240 - as above
    return await _open(path)


async def _open(path: Path) -> Store:
    return await Store.open(f"sqlite+aiosqlite:///{path}")
