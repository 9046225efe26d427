"""Where the news of each object are published, so that a restart need not ask.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0012"
down_revision: str | None = "0010"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade(op: Operations) -> None:
    op.create_table(
        "twentythree_channels",
        sa.Column("object_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("comments_root", sa.Text(), nullable=True),
        sa.Column("events", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["object_id"],
            ["twentythree_objects.object_id"],
            name="fk_twentythree_channels_object_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("object_id", name="pk_twentythree_channels"),
    )
