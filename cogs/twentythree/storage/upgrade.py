"""Run the migrations that a database lacks, within the caller's transaction.

Alembic is used without ``alembic.ini``, ``env.py`` and the global ``alembic.op``: a migration
is handed its ``Operations``. Thus nothing of the host's is touched (its logging, its own
Alembic), and two stores may open at the same time.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from ..errors import StorageError
from .tables import VERSION_TABLE


def upgrade(connection: Connection, migrations: Path) -> None:
    """Run those of ``migrations`` that the database lacks.

    Raises:
        StorageError: the database is at a revision that is none of them.
    """
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
