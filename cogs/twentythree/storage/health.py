"""What is wrong with the database: told by its last transactions, and by those under way."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

from sqlalchemy.exc import DBAPIError

from ..errors import StorageError, StorageLostError

# A transaction takes milliseconds where nobody else holds the database.
_SLOW: Final = timedelta(seconds=2.5)


class Why(Enum):
    """Why the database cannot be used."""

    GONE = "its file was deleted or replaced"
    FULL = "there is no room for more"
    LOCKED = "another process holds it"
    AWAY = "its server cannot be reached, or takes no more connections"
    READ_ONLY = "its server takes no writes"
    UNUSABLE = "anything else"


# https://www.postgresql.org/docs/current/errcodes-appendix.html; two letters are a whole class.
_OF_STATES: Final = {
    "08": Why.AWAY,
    "25006": Why.READ_ONLY,
    "53100": Why.FULL,
    "53300": Why.AWAY,
    # What a server says of itself while it ends or begins.
    "57P01": Why.AWAY,
    "57P02": Why.AWAY,
    "57P03": Why.AWAY,
}


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
            why = Why.GONE if isinstance(error, StorageLostError) else why_of(error.__cause__)
            self._note(why, str(error), is_write=is_write)
            raise
        finally:
            del self._begun[token]
        # What can be written to can be read; the other way round it is not so.
        self._failed.pop(False, None)
        if is_write:
            self._failed.clear()

    def note_wait(self, error: Exception, *, is_write: bool) -> None:
        """Note for what a transaction waits that is under way."""
        text = f"The database {self._place} is waited for: {reason(error)}."
        self._note(why_of(error), text, is_write=is_write)

    def _note(self, why: Why, text: str, *, is_write: bool) -> None:
        before = self._failed.get(is_write)
        since = self._now() if before is None else before.since
        self._failed[is_write] = Broken(why=why, since=since, text=text)

    @property
    def oldest_begun(self) -> object | None:
        """What stands for the transaction that has been under way for longest; ``None``: none."""
        return next(iter(self._begun), None)

    @property
    def broken(self) -> Broken | None:
        """What is wrong now; ``None``: nothing that is known."""
        found = min(self._failed.values(), key=lambda one: one.since, default=None)
        begun = min(self._begun.values(), default=None)
        if found is not None or begun is None or self._now() - begun < _SLOW:
            return found
        text = f"The database {self._place} is slow to answer; another process may hold it."
        return Broken(why=Why.LOCKED, since=begun, text=text)


def why_of(error: BaseException | None) -> Why:
    """Return what an error of either driver, or of SQLAlchemy, means."""
    found = error.orig if isinstance(error, DBAPIError) else error
    state = state_of_error(error)
    known = _OF_STATES.get(state) or _OF_STATES.get(state[:2])
    if known is not None:
        return known
    code = getattr(found, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return Why.FULL
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Why.LOCKED
    is_cut = isinstance(error, DBAPIError) and error.connection_invalidated
    # What asyncpg makes of a connection that ends while it is being set up, or told to end.
    is_cut |= type(found).__name__ == "InternalClientError"
    return Why.AWAY if is_cut or isinstance(found, ConnectionError | TimeoutError) else Why.UNUSABLE


def state_of_error(error: BaseException | None) -> str:
    """Return the SQLSTATE of an error of PostgreSQL's, or nothing."""
    found = error.orig if isinstance(error, DBAPIError) else error
    return getattr(found, "sqlstate", None) or ""


def reason(error: Exception) -> str:
    """Return an error's words, without the values that it is about."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    # Only the first line: PostgreSQL quotes the row that offends in the second.
    if isinstance(cause, ConnectionError) and cause.errno:
        # asyncio's own words name the place once more.
        return os.strerror(cause.errno).lower()
    if isinstance(cause, OSError) and cause.strerror:
        # Its text names the place once more.
        return cause.strerror.lower()
    lines = str(cause).splitlines()
    return lines[0] if lines else type(cause).__name__
