"""For how long comments may wait in an attachment's room before they become a digest.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade(op: Operations) -> None:
    column = sa.Column("max_age_s", sa.Integer(), server_default="21600", nullable=False)
    op.add_column("twentythree_attachments", column)
