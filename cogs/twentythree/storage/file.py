"""The file of an SQLite database: for its owner's eyes only, and the same as long as we run."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

from ..errors import StorageLostError
from .address import file_of, read_address

_log = logging.getLogger("twentythree.storage")

_OWNER_ONLY = 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# SQLite gives new ones the mode of the database; these may be left from a time before it had it.
_BESIDE = ("", "-wal", "-shm")


def open_to_others(address: str) -> str | None:
    """Return a sentence if other users of the machine may open the database's file."""
    path = file_of(read_address(address))
    try:
        if path is None or not path.stat().st_mode & _OTHERS:
            return None
    except OSError:
        return None
    return f"other users of this machine could open {path}; the bot keeps them out from now on."


class DatabaseFile:
    """The file at ``path``, as it was when it was opened first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity: tuple[int, int] | None = None

    def open(self) -> None:
        """Make the file if there is none, and keep it from other users of the machine.

        Raises:
            StorageLostError: it is another file than the first time.
            OSError: it cannot be made.
        """
        if self._identity is None:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
            try:
                found = os.fstat(descriptor)
            finally:
                os.close(descriptor)
            self._identity = (found.st_dev, found.st_ino)
            self._tighten()
        self.check()

    def check(self) -> None:
        """See whether it is still there; quick.

        Raises:
            StorageLostError: it was deleted, or there is another in its place.
        """
        if self._identity is None:
            return
        try:
            found = self._path.stat()
        except FileNotFoundError:
            raise StorageLostError(self._sentence("deleted")) from None
        if (found.st_dev, found.st_ino) != self._identity:
            raise StorageLostError(self._sentence("replaced"))

    def _sentence(self, how: str) -> str:
        return (
            f"The database {self._path} was {how} while the bot was running, and nothing more "
            "can be kept in it; put it back as it should be and start the bot again."
        )

    def _tighten(self) -> None:
        open_ones = []
        for end in _BESIDE:
            path = Path(f"{self._path}{end}")
            try:
                mode = stat.S_IMODE(path.stat().st_mode)
                if mode & _OTHERS:
                    path.chmod(mode & ~_OTHERS)
                    open_ones.append(path)
            except FileNotFoundError:
                continue
            except OSError as error:
                _log.warning("the database %s is open to others: %s", path, error.strerror)
        if open_ones:
            _log.warning(
                "the database %s was open to other users of this machine; it is not any more",
                self._path,
            )
