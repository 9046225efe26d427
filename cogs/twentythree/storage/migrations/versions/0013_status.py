"""Of which outages servers were told.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0013"
down_revision: str | None = "0012"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade(op: Operations) -> None:
    op.create_table(
        "twentythree_outages",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("outage", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "outage", name="pk_twentythree_outages"),
    )
