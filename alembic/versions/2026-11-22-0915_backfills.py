"""backfills"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("backfill", "backfill_step")

POLICY = """
CREATE POLICY tenant ON {table}
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


def instant(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def now(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def count(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def upgrade() -> None:
    op.add_column("connection", sa.Column("base_url", sa.String(), nullable=True))
    op.add_column("connection", sa.Column("sealed_token", sa.LargeBinary(), nullable=True))
    op.create_table(
        "backfill",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("backfill_id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_dry_run", sa.Boolean(), server_default="false", nullable=False),
        count("requests"),
        now("created_at"),
        sa.ForeignKeyConstraint(
            ["organization_id", "connection_id"], ["connection.organization_id", "connection.connection_id"]
        ),
        sa.PrimaryKeyConstraint("organization_id", "backfill_id"),
    )
    op.create_table(
        "backfill_step",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("backfill_id", sa.Uuid(), nullable=False),
        sa.Column("repository", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=True),
        sa.Column("stage", sa.String(), server_default="list", nullable=False),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        instant("leased_until"),
        sa.Column("expected", sa.BigInteger(), nullable=True),
        count("pull_requests"),
        count("releases"),
        instant("begun_at"),
        instant("finished_at"),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        now("next_attempt_at"),
        sa.Column("failure", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "backfill_id"], ["backfill.organization_id", "backfill.backfill_id"]
        ),
        sa.PrimaryKeyConstraint("organization_id", "backfill_id", "repository"),
    )
    op.create_index(
        "backfill_step_waiting",
        "backfill_step",
        ["organization_id", "next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(POLICY.format(table=table))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("connection", "sealed_token")
    op.drop_column("connection", "base_url")
