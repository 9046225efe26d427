"""What goes first among the notices that wait in a room.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

_NOTICES = sa.table(
    "twentythree_notices",
    sa.column("is_live", sa.Boolean()),
    sa.column("stage", sa.Text()),
    sa.column("payload", sa.Text()),
    sa.column("rank", sa.Integer()),
)


def upgrade(op: Operations) -> None:
    table = "twentythree_notices"
    op.add_column(table, sa.Column("rank", sa.Integer(), server_default="3", nullable=False))
    op.execute(sa.update(_NOTICES).where(_NOTICES.c.is_live).values(rank=0))
    # What people wrote cannot look like this: quotation marks in it are escaped.
    promoted = _NOTICES.c.payload.contains('"is_promoted":true', autoescape=True)
    waiting = _NOTICES.c.stage == "pending"
    op.execute(sa.update(_NOTICES).where(waiting, ~_NOTICES.c.is_live, promoted).values(rank=1))
    op.drop_index("ix_twentythree_notices_stage_room_id", table)
    op.create_index(
        "ix_twentythree_notices_stage_room_id_rank_id", table, ["stage", "room_id", "rank", "id"]
    )
