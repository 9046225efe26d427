"""What staff do from rooms: the trail, the questions and their boards, who may act in a server.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0014"
down_revision: str | None = "0013"
branch_labels: str | None = None
depends_on: str | None = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade(op: Operations) -> None:
    for table in ("twentythree_attachments", "twentythree_follows"):
        op.add_column(
            table, sa.Column("has_actions", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    op.add_column("twentythree_notices", sa.Column("quoted_id", sa.BigInteger()))
    op.create_index(
        "ix_twentythree_notices_quoted",
        "twentythree_notices",
        ["quoted_id"],
        sqlite_where=sa.text("quoted_id IS NOT NULL"),
        postgresql_where=sa.text("quoted_id IS NOT NULL"),
    )
    op.create_table(
        "twentythree_servers",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("moderators_role_id", sa.BigInteger()),
        sa.Column("log_room_id", sa.BigInteger()),
        sa.PrimaryKeyConstraint("guild_id", name="pk_twentythree_servers"),
    )
    _trail(op)
    _questions(op)


def _trail(op: Operations) -> None:
    op.create_table(
        "twentythree_trail",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("room_id", sa.BigInteger()),
        sa.Column("object_id", sa.BigInteger()),
        sa.Column("object_title", sa.Text(), nullable=False),
        sa.Column("comment_id", sa.BigInteger()),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("made_id", sa.BigInteger()),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text()),
        sa.Column("settled_at", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_twentythree_trail"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_twentythree_trail_guild_id_id", "twentythree_trail", ["guild_id", "id"])
    op.create_index(
        "ix_twentythree_trail_guild_id_comment_id",
        "twentythree_trail",
        ["guild_id", "comment_id"],
    )
    for name, columns, where in (
        ("open", ["id"], "settled_at IS NULL"),
        ("replies", ["object_id", "made_id"], "deed = 'reply'"),
        ("worded", ["at"], "(author != '' OR text != '')"),
    ):
        op.create_index(
            f"ix_twentythree_trail_{name}",
            "twentythree_trail",
            columns,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def _questions(op: Operations) -> None:
    op.create_table(
        "twentythree_questions",
        sa.Column("object_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("comment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("is_promoted", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["object_id"],
            ["twentythree_objects.object_id"],
            name="fk_twentythree_questions_object_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("object_id", "comment_id", name="pk_twentythree_questions"),
    )
    op.create_table(
        "twentythree_takings",
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("object_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("comment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("taken_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint(
            "guild_id", "object_id", "comment_id", name="pk_twentythree_takings"
        ),
    )
    op.create_table(
        "twentythree_boards",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("object_id", sa.BigInteger(), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["object_id"],
            ["twentythree_objects.object_id"],
            name="fk_twentythree_boards_object_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_twentythree_boards"),
        sa.UniqueConstraint(
            "room_id", "object_id", "view", name="uq_twentythree_boards_room_id_object_id_view"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_twentythree_boards_guild_id", "twentythree_boards", ["guild_id"]
    )
