"""What rooms have set, how messages are made, what events are about, words for their start.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0015"
down_revision: str | None = "0014"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade(op: Operations) -> None:
    # A message that is there keeps the form and the title that it has.
    batches = "twentythree_batches"
    op.add_column(
        batches, sa.Column("layout", sa.Text(), server_default="cards", nullable=False)
    )
    op.add_column(
        batches, sa.Column("is_silent", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(batches, sa.Column("after_object_id", sa.BigInteger()))
    op.add_column(batches, sa.Column("about_object_id", sa.BigInteger()))
    op.create_index("ix_twentythree_batches_room_id_id", batches, ["room_id", "id"])
    op.add_column("twentythree_objects", sa.Column("description", sa.Text()))
    op.add_column("twentythree_objects", sa.Column("speakers", sa.Text()))
    for table in ("twentythree_attachments", "twentythree_follows"):
        op.add_column(
            table, sa.Column("start_text", sa.Text(), server_default=sa.text("''"), nullable=False)
        )
    for column in _settings():
        op.add_column("twentythree_servers", column)
    op.create_table(
        "twentythree_rooms",
        sa.Column("room_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("guild_id", sa.BigInteger(), nullable=False),
        *_settings(),
        sa.Column("hidden_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("hidden_since", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("room_id", name="pk_twentythree_rooms"),
    )
    op.create_index("ix_twentythree_rooms_guild_id", "twentythree_rooms", ["guild_id"])


def _settings() -> list[sa.Column[object]]:
    return [
        sa.Column("layout", sa.Text()),
        sa.Column("is_silent", sa.Boolean()),
        sa.Column("kinds", sa.Text()),
        sa.Column("hidden", sa.Text()),
        sa.Column("min_length", sa.Integer()),
    ]
