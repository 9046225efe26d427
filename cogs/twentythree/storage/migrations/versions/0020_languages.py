"""Which language rooms have, what Discord says of a server's, and in which a message is made.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0020"
down_revision: str | None = "0018"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade(op: Operations) -> None:
    # A message that is there stays in the language that it is in.
    op.add_column(
        "twentythree_batches",
        sa.Column("language", sa.Text(), server_default="en", nullable=False),
    )
    for table in ("twentythree_servers", "twentythree_rooms"):
        op.add_column(table, sa.Column("language", sa.Text()))
    op.add_column("twentythree_servers", sa.Column("locale", sa.Text()))
