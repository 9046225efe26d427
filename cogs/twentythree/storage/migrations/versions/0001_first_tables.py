"""The first tables.

A migration stands alone: it imports nothing of the plugin, whose tables will have changed by
the time it runs again, and is handed its ``Operations``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade(op: Operations) -> None:
    op.create_table(
        "twentythree_batches",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fate", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_twentythree_batches")),
        sa.UniqueConstraint("nonce", name=op.f("uq_twentythree_batches_nonce")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_twentythree_batches_settled_at"),
        "twentythree_batches",
        ["settled_at"],
        unique=False,
    )
    op.create_table(
        "twentythree_command_hashes",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_twentythree_command_hashes")),
    )
    op.create_table(
        "twentythree_objects",
        sa.Column("object_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("picture_url", sa.Text(), nullable=True),
        sa.Column("watermark", sa.BigInteger(), nullable=True),
        sa.Column("live_state", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("object_id", name=op.f("pk_twentythree_objects")),
    )
    op.create_table(
        "twentythree_attachments",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("forum_id", sa.BigInteger(), nullable=True),
        sa.Column("object_id", sa.BigInteger(), nullable=False),
        sa.Column("floor", sa.BigInteger(), nullable=True),
        sa.Column("comments", sa.Text(), nullable=False),
        sa.Column("announces_live", sa.Boolean(), nullable=False),
        sa.Column("mention_role_id", sa.BigInteger(), nullable=True),
        sa.Column("attached_by", sa.BigInteger(), nullable=False),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_reason", sa.Text(), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["object_id"],
            ["twentythree_objects.object_id"],
            name=op.f("fk_twentythree_attachments_object_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_twentythree_attachments")),
        sa.UniqueConstraint(
            "room_id", "object_id", name=op.f("uq_twentythree_attachments_room_id_object_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_twentythree_attachments_guild_id"),
        "twentythree_attachments",
        ["guild_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_twentythree_attachments_object_id"),
        "twentythree_attachments",
        ["object_id"],
        unique=False,
    )
    op.create_table(
        "twentythree_comments",
        sa.Column("object_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("comment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("is_promoted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["object_id"],
            ["twentythree_objects.object_id"],
            name=op.f("fk_twentythree_comments_object_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("object_id", "comment_id", name=op.f("pk_twentythree_comments")),
    )
    op.create_table(
        "twentythree_notices",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("attachment_id", _ROW_ID, nullable=True),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_live", sa.Boolean(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("batch_id", _ROW_ID, nullable=True),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_stale", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["twentythree_attachments.id"],
            name=op.f("fk_twentythree_notices_attachment_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["twentythree_batches.id"], name=op.f("fk_twentythree_notices_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_twentythree_notices")),
        sa.UniqueConstraint(
            "room_id", "event_key", name=op.f("uq_twentythree_notices_room_id_event_key")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_twentythree_notices_attachment_id"),
        "twentythree_notices",
        ["attachment_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_twentythree_notices_batch_id"), "twentythree_notices", ["batch_id"], unique=False
    )
    op.create_index(
        op.f("ix_twentythree_notices_is_stale"), "twentythree_notices", ["is_stale"], unique=False
    )
    op.create_index(
        op.f("ix_twentythree_notices_stage_room_id"),
        "twentythree_notices",
        ["stage", "room_id"],
        unique=False,
    )
