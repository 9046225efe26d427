"""Where somebody agreed that a whole server reads what viewers ask in private, and where nobody did.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0024"
down_revision: str | None = "0023"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade(op: Operations) -> None:
    # NULL: it was asked before, and not noted; rooms are taken as they are at the first look.
    for table in ("twentythree_attachments", "twentythree_follows"):
        op.add_column(table, sa.Column("is_exposure_agreed", sa.Boolean()))
    op.add_column("twentythree_attachments", sa.Column("exposed_at", sa.DateTime(timezone=True)))
