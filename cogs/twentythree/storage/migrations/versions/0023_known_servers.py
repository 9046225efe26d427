"""Which servers the bot has been in, so that those that get it while it is off are told of it.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0023"
down_revision: str | None = "0020"
branch_labels: str | None = None
depends_on: str | None = None

_TABLE = "twentythree_known_servers"


def upgrade(op: Operations) -> None:
    op.create_table(
        _TABLE,
        sa.Column("guild_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("guild_id", name=f"pk_{_TABLE}"),
    )
    if op.get_bind().dialect.name == "postgresql":
        # The leader alone writes to it, as to all others; see 0016.
        op.execute(
            f"CREATE TRIGGER twentythree_fence BEFORE INSERT OR UPDATE OR DELETE"
            f" ON {_TABLE} FOR EACH STATEMENT EXECUTE FUNCTION twentythree_fence()"
        )
