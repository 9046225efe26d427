"""What becomes of cards at the end, how broadcasts went, and standing orders to attach.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade(op: Operations) -> None:
    _samples(op)
    _follows(op)
    attachments = "twentythree_attachments"
    op.add_column(
        attachments, sa.Column("at_end", sa.Text(), server_default="edit", nullable=False)
    )
    op.add_column(attachments, sa.Column("follow_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_twentythree_attachments_follow_id", attachments, ["follow_id"])


def _samples(op: Operations) -> None:
    op.create_table(
        "twentythree_samples",
        sa.Column("object_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("broadcast", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("viewers", sa.Integer(), nullable=True),
        sa.Column("comments", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["object_id"],
            ["twentythree_objects.object_id"],
            name="fk_twentythree_samples_object_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "object_id", "broadcast", "minute", name="pk_twentythree_samples"
        ),
    )


def _follows(op: Operations) -> None:
    op.create_table(
        "twentythree_follows",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("is_forum", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("category_title", sa.Text(), nullable=False),
        sa.Column("comments", sa.Text(), nullable=False),
        sa.Column("announces_live", sa.Boolean(), nullable=False),
        sa.Column("mention_role_id", sa.BigInteger(), nullable=True),
        sa.Column("max_age_s", sa.Integer(), nullable=False),
        sa.Column("at_end", sa.Text(), nullable=False),
        sa.Column("followed_by", sa.BigInteger(), nullable=False),
        sa.Column("followed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("floor", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_twentythree_follows"),
        sa.UniqueConstraint(
            "room_id",
            "kind",
            "category_id",
            name="uq_twentythree_follows_room_id_kind_category_id",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_twentythree_follows_guild_id", "twentythree_follows", ["guild_id"])
    op.create_table(
        "twentythree_followed",
        sa.Column("follow_id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("object_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["follow_id"],
            ["twentythree_follows.id"],
            name="fk_twentythree_followed_follow_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("follow_id", "object_id", name="pk_twentythree_followed"),
    )
