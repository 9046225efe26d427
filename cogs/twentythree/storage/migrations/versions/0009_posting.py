"""What Discord refused is told for a day; a forum holds one post for an object.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None

_TABLE = "twentythree_attachments"
_ATTACHMENTS = sa.table(
    _TABLE,
    sa.column("id", sa.BigInteger()),
    sa.column("guild_id", sa.BigInteger()),
    sa.column("forum_id", sa.BigInteger()),
    sa.column("object_id", sa.BigInteger()),
)


def upgrade(op: Operations) -> None:
    batches = "twentythree_batches"
    op.add_column(batches, sa.Column("refusal", sa.Text()))
    op.add_column(batches, sa.Column("refused_at", sa.DateTime(timezone=True)))
    told = sa.text("refusal IS NOT NULL")
    op.create_index(
        "ix_twentythree_batches_refused",
        batches,
        ["refused_at"],
        sqlite_where=told,
        postgresql_where=told,
    )
    # A second post of an object goes on as a thread like any other.
    row = _ATTACHMENTS.c
    firsts = sa.select(sa.func.min(row.id)).group_by(row.guild_id, row.forum_id, row.object_id)
    is_second = sa.and_(row.forum_id.is_not(None), row.id.not_in(firsts))
    op.execute(sa.update(_ATTACHMENTS).where(is_second).values(forum_id=None))
    op.create_index(
        "ix_twentythree_attachments_guild_id_forum_id_object_id",
        _TABLE,
        ["guild_id", "forum_id", "object_id"],
        unique=True,
    )
