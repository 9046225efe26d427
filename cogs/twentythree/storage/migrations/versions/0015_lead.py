"""Which process leads, on a database that several may share.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0015"
down_revision: str | None = "0014"
branch_labels: str | None = None
depends_on: str | None = None

_TIME = sa.DateTime(timezone=True)


def upgrade(op: Operations) -> None:
    op.create_table(
        "twentythree_lead",
        sa.Column("term", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("leader", sa.Text(), nullable=False),
        sa.Column("began_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("term", name="pk_twentythree_lead"),
    )
