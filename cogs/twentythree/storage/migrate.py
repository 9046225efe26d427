"""Find out whether the database's schema is the newest; bring it there where it is not.

Alembic is used without ``alembic.ini``, ``env.py`` and the global ``alembic.op``: a migration
is handed its ``Operations``. Thus nothing of the host's is touched (its logging, its own
Alembic), and two stores may open at the same time. It takes longer to load than all that it has
to do, which mostly is nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Text, column, func, inspect, select, table, text

from ..errors import StorageError
from .tables import VERSION_TABLE

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

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


def upgrade(connection: Connection, migrations: Path) -> None:
    """Run those of ``migrations`` that the database lacks, within the caller's transaction.

    Raises:
        StorageError: the database is at a revision that is none of them.
    """
    from alembic.operations import Operations  # noqa: PLC0415 - see above
    from alembic.runtime.migration import MigrationContext, MigrationStep  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    scripts = ScriptDirectory(str(migrations))

    def steps(current: Any, context: MigrationContext) -> Iterable[Any]:
        del context
        _refuse_unknown(current, scripts)
        missing = scripts.iterate_revisions("head", current, implicit_base=True)
        return [
            MigrationStep.upgrade_from_script(scripts.revision_map, script)
            for script in reversed(list(missing))
        ]

    context = MigrationContext.configure(
        connection, opts={"fn": steps, "version_table": VERSION_TABLE}
    )
    context.run_migrations(op=Operations(context))


def _refuse_unknown(current: Iterable[str], scripts: ScriptDirectory) -> None:
    known = {script.revision for script in scripts.walk_revisions()}
    if not known.issuperset(current):
        raise StorageError(
            "The database was written by a newer version of the plugin; "
            "install that version, or name another database in TWENTYTHREE_DATABASE_URL."
        )
