"""Threads on cards: where all but the cards goes, and what posts and threads are told of events.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0017"
down_revision: str | None = "0016"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade(op: Operations) -> None:
    # What is attached stays where it is. What a post shows of its event is set with the next change.
    for table in ("twentythree_attachments", "twentythree_follows"):
        op.add_column(
            table, sa.Column("place", sa.Text(), server_default="room", nullable=False)
        )
    op.add_column("twentythree_attachments", sa.Column("thread_due", sa.Text()))
    op.create_index(
        "ix_twentythree_attachments_forum_id", "twentythree_attachments", ["forum_id"]
    )
