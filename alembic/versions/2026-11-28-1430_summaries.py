"""summaries"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0031"
down_revision: str | None = "0030"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

POLICY = """
CREATE POLICY tenant ON summary
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


def instant(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def now(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "summary",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("artifact_id", sa.LargeBinary(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_place", sa.LargeBinary(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        instant("ends_at"),
        sa.Column("sealed_remote", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        instant("written_at"),
        sa.Column("changes", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        now("created_at"),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        now("next_attempt_at"),
        sa.Column("failure", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "connection_id"], ["connection.organization_id", "connection.connection_id"]
        ),
        sa.PrimaryKeyConstraint("organization_id", "artifact_id"),
    )
    op.create_index(
        "summary_waiting",
        "summary",
        ["organization_id", "next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.execute("ALTER TABLE summary ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE summary FORCE ROW LEVEL SECURITY")
    op.execute(POLICY)
    op.add_column("connection", sa.Column("summaries", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("connection", sa.Column("summaries_failure", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("connection", "summaries_failure")
    op.drop_column("connection", "summaries")
    op.drop_table("summary")
