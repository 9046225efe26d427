"""Find out whether the database's schema is the newest; bring it there where it is not."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Text, column, func, inspect, select, table, text

from ..errors import StorageError
from .tables import VERSION_TABLE

MIGRATIONS: Final = Path(__file__).parent / "migrations"
# Any number does that nobody else uses in the same database: "2323" for this plugin.
_MIGRATION_LOCK: Final = 2323
# How the revision of a database begins that is being filled from another.
UNFINISHED: Final = "copy"


def migrate(connection: Connection) -> None:
    """Run the migrations that the database lacks, within the caller's transaction.

    Raises:
        StorageError: the database was written by a newer version of the plugin, or is a copy that
            was not finished.
    """
    if connection.dialect.name == "postgresql":
        # SQLite's writers are alone already. This lock ends with the transaction.
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
    found = stored(connection)
    if found == [newest()]:
        return
    if found and found[0].startswith(UNFINISHED):
        raise StorageError(
            "The database holds an unfinished copy; run `python -m bot copy` again to its end, or "
            "name another database in TWENTYTHREE_DATABASE_URL."
        )
    # Alembic takes longer to load than all that it has to do, which mostly is nothing.
    from .upgrade import upgrade  # noqa: PLC0415

    upgrade(connection, MIGRATIONS)


def stored(connection: Connection) -> list[str]:
    """Return the revision of the database, or nothing where it has no tables."""
    if connection.dialect.name == "postgresql":
        # Which takes it a fraction of what inspecting does.
        is_there = connection.scalar(select(func.to_regclass(VERSION_TABLE))) is not None
    else:
        is_there = inspect(connection).has_table(VERSION_TABLE)
    if not is_there:
        return []
    query = select(column("version_num", Text)).select_from(table(VERSION_TABLE))
    return list(connection.scalars(query))


def newest() -> str:
    """Return the last revision; each file of a migration is named for its own."""
    names = (path.name for path in (MIGRATIONS / "versions").glob("*.py"))
    return max(name.partition("_")[0] for name in names)
