"""What a notice shows follows its comment: edited, taken back, removed.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None

_NOTICES = sa.table(
    "twentythree_notices",
    sa.column("event_key", sa.Text()),
    sa.column("comment_id", sa.BigInteger()),
)
_PREFIX = "comment:"


def upgrade(op: Operations) -> None:
    memory, outbox = "twentythree_comments", "twentythree_notices"
    op.add_column(memory, sa.Column("fingerprint", sa.Text()))
    op.add_column(
        memory, sa.Column("is_gone", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(outbox, sa.Column("comment_id", sa.BigInteger()))
    number = sa.cast(sa.func.substr(_NOTICES.c.event_key, len(_PREFIX) + 1), sa.BigInteger())
    is_comment = _NOTICES.c.event_key.startswith(_PREFIX)
    op.execute(sa.update(_NOTICES).where(is_comment).values(comment_id=number))
    op.drop_index("ix_twentythree_notices_attachment_id", outbox)
    op.create_index(
        "ix_twentythree_notices_attachment_id_comment_id", outbox, ["attachment_id", "comment_id"]
    )
