"""Whether everybody saw a room when somebody agreed that it shows what is not public.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0025"
down_revision: str | None = "0024"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade(op: Operations) -> None:
    # NULL: that was not noted; rooms are taken as they are at the first look.
    op.add_column("twentythree_attachments", sa.Column("is_agreed_for_all", sa.Boolean()))
