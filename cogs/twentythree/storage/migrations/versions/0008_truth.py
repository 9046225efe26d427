"""Whether the workspace has vouched for a comment, and at which permission level it was read.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade(op: Operations) -> None:
    memory, condition = "twentythree_comments", sa.text("trust != 'confirmed'")
    op.add_column("twentythree_objects", sa.Column("level", sa.Text(), nullable=True))
    op.add_column(
        memory, sa.Column("trust", sa.Text(), server_default="confirmed", nullable=False)
    )
    op.create_index(
        "ix_twentythree_comments_unconfirmed",
        memory,
        ["object_id"],
        sqlite_where=condition,
        postgresql_where=condition,
    )
