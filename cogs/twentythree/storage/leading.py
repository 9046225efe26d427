"""Being the one process that works with the database, whichever database it is.

Two would say everything twice. SQLite's file is claimed, by a lock of the operating system; on
PostgreSQL one leads, and others may wait for its end.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from ..errors import DatabaseInUseError, StorageError
from .engine import to_its_end
from .lead import Lead
from .location import file_of, no_driver, read_address

if TYPE_CHECKING:
    from .candidate import Candidate


_log = logging.getLogger("twentythree.storage")

_OWNER_ONLY: Final = 0o600
_LONGEST: Final = 20

if sys.platform == "win32":
    import msvcrt

    # Past what is written there: what is locked cannot be read.
    _PLACE: Final = 1 << 20

    def _lock(handle: int) -> None:
        os.lseek(handle, _PLACE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError from error

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


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


@contextmanager
def claim(address: str) -> Iterator[None]:
    """Keep other processes from working with SQLite's database at ``address`` meanwhile.

    A lock of the operating system on a file beside the database, which ends with the process
    however that ends. Where the file cannot be locked, the log says so. Looking into the database,
    or changing a word in it, needs no claim. On PostgreSQL nothing is claimed.

    Raises:
        DatabaseInUseError: another process works with it.
        StorageError: the address cannot be understood, or the file has a second name.
    """
    path = file_of(read_address(address))
    if path is not None:
        _check_name(path)
    handle = None if path is None else _claimed(path)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _check_name(path: Path) -> None:
    """Make sure that the file has one name: by each, SQLite would keep another log beside it."""
    try:
        has_another = path.is_file() and path.stat().st_nlink > 1
    except OSError:
        # Opening it says what is wrong.
        return
    if has_another:
        raise StorageError(
            f"The database {path} has a second name, a hard link, by which it could be opened a "
            "second time and be destroyed; remove that, or copy the file."
        )


def _claimed(path: Path) -> int | None:
    try:
        handle = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
    except FileNotFoundError:
        # Without its folder, opening the database says what is wrong.
        return None
    except OSError as error:
        _tell(path, error)
        return None
    try:
        _lock(handle)
    except BlockingIOError:
        owner = os.read(handle, _LONGEST).decode(errors="replace").strip() or "?"
        os.close(handle)
        raise DatabaseInUseError(
            f"Another bot (process {owner} on this machine) uses the database {path}; stop it "
            "first, or give this one a database of its own with TWENTYTHREE_DATABASE_URL."
        ) from None
    except OSError as error:
        _tell(path, error)
    else:
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
    return handle


def _tell(path: Path, error: OSError) -> None:
    _log.warning(
        "could not make sure that no other bot uses the database %s (%s)", path, error.strerror
    )
