"""Which servers are barred, what is public, and who agreed to show what is not.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade(op: Operations) -> None:
    op.create_table(
        "twentythree_barred_servers",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bar", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name="pk_twentythree_barred_servers"),
    )
    op.add_column(
        "twentythree_objects",
        sa.Column("is_public", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    attachments = "twentythree_attachments"
    op.add_column(attachments, sa.Column("parent_id", sa.BigInteger(), nullable=True))
    op.add_column(
        attachments,
        sa.Column("is_agreed", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        attachments, sa.Column("barred_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(attachments, sa.Column("public_title", sa.Text(), nullable=True))
