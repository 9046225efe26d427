"""Which attachments a room is told of by its programme.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade(op: Operations) -> None:
    op.add_column(
        "twentythree_attachments",
        sa.Column("is_on_programme", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
