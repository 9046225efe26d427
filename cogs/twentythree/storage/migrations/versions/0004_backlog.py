"""Indexes that stay small, and find at once what is open, however much waits or was said.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade(op: Operations) -> None:
    op.drop_index("ix_twentythree_notices_is_stale", "twentythree_notices")
    _create(op, "notices", "stale", ["batch_id"], "is_stale")
    # The stage is in it, so that SQLite counts without a look at the rows.
    _create(op, "notices", "open", ["queued_at", "stage"], "stage != 'done'")
    _create(op, "notices", "orphaned", ["queued_at"], "attachment_id IS NULL")
    _create(op, "batches", "unsettled", ["room_id"], "settled_at IS NULL")


def _create(op: Operations, table: str, name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(
        f"ix_twentythree_{table}_{name}",
        f"twentythree_{table}",
        columns,
        sqlite_where=where,
        postgresql_where=where,
    )
