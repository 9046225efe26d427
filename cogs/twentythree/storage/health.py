"""What is wrong with the database now, as its last transactions and those under way tell."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from sqlalchemy.exc import DBAPIError

from ..errors import StorageError, StorageLostError

# https://www.postgresql.org/docs/current/errcodes-appendix.html: disk_full.
_DISK_FULL: Final = "53100"
# A transaction takes milliseconds where nobody else holds the database.
_SLOW: Final = timedelta(seconds=2.5)


class Why(Enum):
    """Why the database cannot be used."""

    GONE = "its file was deleted or replaced"
    FULL = "there is no room for more"
    LOCKED = "another process holds it"
    UNUSABLE = "anything else"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Why the database cannot be used, and since when; ``text`` may name where it is."""

    why: Why
    since: datetime
    text: str


class Health:
    """Is told of every transaction. ``place`` is what people are told that the database is."""

    def __init__(self, place: str, now: Callable[[], datetime]) -> None:
        self._place = place
        self._now = now
        self._failed: dict[bool, Broken] = {}
        self._begun: dict[object, datetime] = {}

    @contextmanager
    def noting(self, *, is_write: bool) -> Generator[None]:
        """Note how the transaction in the block goes."""
        token = object()
        self._begun[token] = self._now()
        try:
            yield
        except StorageError as error:
            self._note(error, is_write=is_write)
            raise
        finally:
            del self._begun[token]
        # What can be written to can be read; the other way round it is not so.
        self._failed.pop(False, None)
        if is_write:
            self._failed.clear()

    def _note(self, error: StorageError, *, is_write: bool) -> None:
        before = self._failed.get(is_write)
        since = self._now() if before is None else before.since
        self._failed[is_write] = Broken(why=_why(error), since=since, text=str(error))

    @property
    def broken(self) -> Broken | None:
        """What is wrong now; ``None``: nothing that is known."""
        found = min(self._failed.values(), key=lambda one: one.since, default=None)
        begun = min(self._begun.values(), default=None)
        if found is not None or begun is None or self._now() - begun < _SLOW:
            return found
        text = f"The database {self._place} is slow to answer; another process may hold it."
        return Broken(why=Why.LOCKED, since=begun, text=text)


def _why(error: StorageError) -> Why:
    if isinstance(error, StorageLostError):
        return Why.GONE
    cause = error.__cause__
    found = cause.orig if isinstance(cause, DBAPIError) else cause
    code = getattr(found, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or getattr(found, "sqlstate", None) == _DISK_FULL:
        return Why.FULL
    return Why.LOCKED if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) else Why.UNUSABLE
