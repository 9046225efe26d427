"""Scheduled events of what follows cover, and what keeps them from being made.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0018"
down_revision: str | None = "0017"
branch_labels: str | None = None
depends_on: str | None = None

_TABLE = "twentythree_scheduled_events"
_TIME = sa.DateTime(timezone=True)


def upgrade(op: Operations) -> None:
    op.add_column("twentythree_objects", sa.Column("gone_at", _TIME))
    op.add_column(
        "twentythree_follows",
        sa.Column("has_calendar", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("twentythree_servers", sa.Column("calendar_obstacle", sa.Text()))
    op.add_column("twentythree_servers", sa.Column("calendar_obstacle_at", _TIME))
    op.create_table(
        _TABLE,
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("broadcast", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("scheduled_id", sa.BigInteger()),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", "object_id", "broadcast", name=f"pk_{_TABLE}"),
    )
    if op.get_bind().dialect.name == "postgresql":
        # The leader alone writes to it, as to all others; see 0016.
        op.execute(
            f"CREATE TRIGGER twentythree_fence BEFORE INSERT OR UPDATE OR DELETE"
            f" ON {_TABLE} FOR EACH STATEMENT EXECUTE FUNCTION twentythree_fence()"
        )
