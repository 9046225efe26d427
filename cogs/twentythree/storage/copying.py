"""Move a whole database into another: piece by piece, so that it goes on where it was ended.

Until all is there and compared, the target's schema has a version that no plugin opens.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    Text,
    column,
    func,
    select,
    table,
    text,
    tuple_,
    update,
)

from ..errors import DatabaseInUseError, StorageError
from .engine import Database
from .leading import claim
from .location import file_of, place_of, read_address
from .migrate import UNFINISHED, migrate, newest, stored
from .tables import VERSION_TABLE, lead, metadata

_AT_ONCE: Final = 500
_VARIABLE: Final = "TWENTYTHREE_DATABASE_URL"
# Who leads is the affair of each database.
_TABLES: Final = [one for one in metadata.sorted_tables if one is not lead]
_version = table(VERSION_TABLE, column("version_num", Text))
_Key: TypeAlias = tuple[Any, ...]
_NOT_ALONE: Final = (
    "Another copy writes to the database, or has finished it; this one has ended. See what that "
    "one says before a bot is started."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedTable:
    """A table that both databases hold alike; the checksum is that of its rows, in order."""

    name: str
    rows: int
    checksum: str


async def copy_database(source: str, target: str) -> AsyncGenerator[CopiedTable]:
    """Copy what is at one address to another, SQLite or PostgreSQL; yield each table once it is.

    The target must be empty, or hold an unfinished copy of the same source by this version.

    Raises:
        StorageError: what is wrong, and what to do; called again it goes on where it was.
    """
    with ExitStack() as stack:
        with _named("--from"):
            old = _opened(source)
            stack.enter_context(_claimed(source))
        with _named("--to"):
            new = Database.at(target)
            if place_of(read_address(source)) == place_of(read_address(target)):
                raise StorageError("--from and --to name the same database.")
            stack.enter_context(_claimed(target))
        try:
            with _named("--from"):
                signed = await old.read(_check_source)
            mark = _mark(old.place)
            with _named("--to"):
                await new.write(partial(_prepare, mark=mark))
                for one in _TABLES:
                    await _copy(old, new, one, mark)
            for one in _TABLES:
                yield await _compared(old, new, one)
            highest = await old.read(_highest)
            with _named("--from"):
                # A bot that was begun meanwhile may have written to what was compared already.
                if await old.read(_check_source) != signed:
                    raise StorageError(
                        "A bot has worked with the database meanwhile; stop it, and copy again."
                    )
            with _named("--to"):
                await new.write(partial(_finish, highest=highest, mark=mark))
        finally:
            await old.close()
            await new.close()


def _opened(source: str) -> Database:
    path = file_of(read_address(source))
    if path is not None and not os.path.exists(path):  # noqa: PTH110 - it raises nothing
        raise StorageError(f"--from: there is no database {path}.")
    return Database.at(source)


@contextmanager
def _named(option: str) -> Iterator[None]:
    """Have errors name what was typed, and not the variable."""
    try:
        yield
    except StorageError as error:
        said = str(error).replace(_VARIABLE, option)
        raise type(error)(said if option in said else f"{option}: {said}") from error.__cause__


@contextmanager
def _claimed(address: str) -> Iterator[None]:
    """Claim SQLite's file; who has it cannot be told to take another, as a bot could."""
    with ExitStack() as held:
        try:
            held.enter_context(claim(address))
        except DatabaseInUseError as error:
            uses = str(error).rpartition("; stop it")[0]
            raise DatabaseInUseError(f"{uses}; stop it, and copy again.") from None
        yield


def _mark(place: str) -> str:
    """Return the version of a target that is being filled: from where, and with which tables."""
    return f"{UNFINISHED} {newest()} {hashlib.sha256(place.encode()).hexdigest()[:16]}"


def _check_source(connection: Connection) -> datetime | None:
    """See whether the source can be copied; return up to when who has led there last had the lead.

    Each that leads there changes that, also one that was frozen and goes on, or gives it back.

    Raises:
        StorageError: it cannot.
    """
    found = stored(connection)
    if not found:
        raise StorageError("The database holds nothing of the plugin.")
    if found[0].startswith(UNFINISHED):
        raise StorageError("The database is itself an unfinished copy.")
    if found != [newest()]:
        raise StorageError(
            "The database was written by another version of the plugin; start this version on "
            "it once, stop it, and copy again."
        )
    _check_unled(connection)
    signed: datetime | None = connection.scalar(select(func.max(lead.c.expires_at)))
    return signed


def _check_unled(connection: Connection) -> None:
    """See whether a bot works with PostgreSQL's database; SQLite's is claimed."""
    if connection.dialect.name != "postgresql":
        return
    lasts = lead.c.expires_at > func.clock_timestamp()
    leader = connection.scalar(select(lead.c.leader).where(lasts))
    if leader is not None:
        raise StorageError(f"A bot works with the database ({leader}); stop it, and copy again.")


def _prepare(connection: Connection, mark: str) -> None:
    """Make the tables in the target, and mark it as one that is being filled.

    Raises:
        StorageError: it is not empty.
    """
    found = stored(connection)
    if found == [mark]:
        return
    if found and found[0].startswith(UNFINISHED):
        raise StorageError(
            "The database holds an unfinished copy of another one, or one by another version of "
            "the plugin; empty it, or name another."
        )
    migrate(connection)
    _check_unled(connection)
    full = [one.name for one in _TABLES if _count(connection, one)]
    if full:
        raise StorageError(
            f"The database is not empty: {full[0]} has rows; empty it, or name another."
        )
    connection.execute(update(_version).values(version_num=mark))


def _count(connection: Connection, of: Table) -> int:
    return connection.scalar(select(func.count()).select_from(of)) or 0


def _keys(connection: Connection, of: Table) -> list[ColumnElement[Any]]:
    """Return the columns of the primary key, sorted alike in every database."""
    is_plain = connection.dialect.name == "sqlite"
    return [
        one.collate("C") if isinstance(one.type, Text) and not is_plain else one
        for one in of.primary_key
    ]


def _last(connection: Connection, of: Table) -> _Key | None:
    keys = [one.desc() for one in _keys(connection, of)]
    row = connection.execute(select(*of.primary_key).order_by(*keys).limit(1)).first()
    return None if row is None else tuple(row)


def _page(connection: Connection, of: Table, after: _Key | None) -> Sequence[Row[Any]]:
    keys = _keys(connection, of)
    query = select(of).order_by(*keys).limit(_AT_ONCE)
    if after is not None:
        query = query.where(tuple_(*keys) > after)
    return connection.execute(query).all()


def _insert(
    connection: Connection,
    of: Table,
    values: Sequence[dict[str, Any]],
    *,
    mark: str,
    after: _Key | None,
) -> None:
    """Write the rows that come after one, where that is the last one still.

    Raises:
        StorageError: another copy has written, or has come to its end.
    """
    _check_alone(connection, mark)
    if _last(connection, of) != after:
        raise StorageError(_NOT_ALONE)
    connection.execute(of.insert(), values)


def _check_alone(connection: Connection, mark: str) -> None:
    """Let no other copy write to the target until the end of the transaction.

    SQLite's file is claimed; on PostgreSQL nothing keeps two from one target.

    Raises:
        StorageError: the target is not being filled any more, or by another one.
    """
    held = select(_version.c.version_num).with_for_update()
    if connection.scalar(held) != mark:
        raise StorageError(_NOT_ALONE)


def _key_of(of: Table, row: Row[Any]) -> _Key:
    return tuple(row._mapping[one] for one in of.primary_key)  # noqa: SLF001 - its public name


async def _copy(old: Database, new: Database, of: Table, mark: str) -> None:
    """Copy the rows that the target lacks; they come in order, so that the last one tells."""
    last = await new.read(partial(_last, of=of))
    while rows := await old.read(partial(_page, of=of, after=last)):
        values = [dict(row._mapping) for row in rows]  # noqa: SLF001 - its public name
        await new.write(partial(_insert, of=of, values=values, mark=mark, after=last))
        last = _key_of(of, rows[-1])


async def _compared(old: Database, new: Database, of: Table) -> CopiedTable:
    was, found = await _summed(old, of), await _summed(new, of)
    if was != found:
        raise StorageError(
            f"--to: {of.name} has {found.rows} rows and is not what --from holds, which has "
            f"{was.rows}; stop whatever writes to either, empty the target and copy again."
        )
    return found


async def _summed(database: Database, of: Table) -> CopiedTable:
    sum_, count, last = hashlib.sha256(), 0, None
    while rows := await database.read(partial(_page, of=of, after=last)):
        for row in rows:
            sum_.update(repr(tuple(row)).encode(errors="surrogatepass"))
        count, last = count + len(rows), _key_of(of, rows[-1])
    return CopiedTable(name=of.name, rows=count, checksum=sum_.hexdigest()[:16])


def _counting() -> list[Table]:
    """Return the tables that number their rows."""
    return [one for one in _TABLES if "id" in one.primary_key.columns]


def _highest(connection: Connection) -> dict[str, int]:
    """Return the last ID that each table has given away: none is ever to be given again."""
    found = {}
    for one in _counting():
        if connection.dialect.name == "sqlite":
            query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
            found[one.name] = connection.scalar(query, {"name": one.name}) or 0
        else:
            counter = table(
                _sequence(connection, one.name), column("last_value"), column("is_called")
            )
            last, is_given = connection.execute(select(counter)).one()
            found[one.name] = last if is_given else last - 1
    return found


def _finish(connection: Connection, highest: dict[str, int], mark: str) -> None:
    _check_alone(connection, mark)
    for name, last in highest.items():
        if not last:
            continue
        if connection.dialect.name == "sqlite":
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :n"), {"n": name})
            given = {"name": name, "last": last}
            connection.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :last)"), given)
        else:
            connection.execute(select(func.setval(_sequence(connection, name), last)))
    connection.execute(update(_version).values(version_num=newest()))


def _sequence(connection: Connection, name: str) -> str:
    found = connection.scalar(select(func.pg_get_serial_sequence(name, "id")))
    return str(found).rpartition(".")[2]
