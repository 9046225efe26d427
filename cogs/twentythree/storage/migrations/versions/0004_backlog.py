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

_NOTICES, _BATCHES = "twentythree_notices", "twentythree_batches"


def upgrade(op: Operations) -> None:
    op.drop_index("ix_twentythree_notices_is_stale", _NOTICES)
    _create(op, "ix_twentythree_notices_stale", _NOTICES, "batch_id", "is_stale")
    _create(op, "ix_twentythree_notices_open", _NOTICES, "queued_at", "stage != 'done'")
    _create(op, "ix_twentythree_notices_orphaned", _NOTICES, "queued_at", "attachment_id IS NULL")
    _create(op, "ix_twentythree_batches_unsettled", _BATCHES, "room_id", "settled_at IS NULL")


def _create(op: Operations, name: str, table: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)
