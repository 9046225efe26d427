"""One process at a time works with a SQLite database; two would say everything twice."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ..errors import DatabaseInUseError, StorageError
from .location import file_of, read_address

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
