"""Which process leads, on a database that several may share; others write nothing.

A migration stands alone: it imports nothing of the plugin.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0016"
down_revision: str | None = "0015"
branch_labels: str | None = None
depends_on: str | None = None

# All tables that the leader alone writes to.
_FENCED = (
    *("objects", "channels", "barred_servers", "follows", "followed", "attachments", "comments"),
    *("samples", "batches", "notices", "command_hashes", "outages", "servers", "trail"),
    *("questions", "takings", "boards", "rooms"),
)
# A new term changes the key of the lead's row, and so waits for who holds it, and they for it.
_FENCE = """
CREATE FUNCTION twentythree_fence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('application_name') LIKE 'twentythree-%' THEN
        PERFORM FROM twentythree_lead
            WHERE 'twentythree-' || holder = current_setting('application_name') FOR KEY SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the term of this process is over' USING ERRCODE = 'TT001';
        END IF;
    END IF;
    RETURN NULL;
END $$
"""

_TIME = sa.DateTime(timezone=True)


def upgrade(op: Operations) -> None:
    op.create_table(
        "twentythree_lead",
        sa.Column("term", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("leader", sa.Text(), nullable=False),
        sa.Column("began_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("term", name="pk_twentythree_lead"),
    )
    if op.get_bind().dialect.name != "postgresql":
        # There is one process at a time.
        return
    op.execute(_FENCE)
    for table in _FENCED:
        op.execute(
            f"CREATE TRIGGER twentythree_fence BEFORE INSERT OR UPDATE OR DELETE"
            f" ON twentythree_{table} FOR EACH STATEMENT EXECUTE FUNCTION twentythree_fence()"
        )
