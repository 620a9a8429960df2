"""merged weeks"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("merged_week", "stale_week")

POLICY = """
CREATE POLICY tenant ON {table}
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""

# The workers sum what was merged before there were sums.
NOTE_ALL = """
INSERT INTO stale_week (organization_id, team_id, week)
SELECT DISTINCT pull_request.organization_id, coalesce(repository.team_id, default_team.team_id),
       date_trunc('week', pull_request.merged_at AT TIME ZONE 'UTC')::date
FROM pull_request
JOIN repository ON repository.organization_id = pull_request.organization_id
               AND repository.artifact_id = pull_request.repository_id
JOIN team AS default_team ON default_team.organization_id = pull_request.organization_id AND default_team.is_default
WHERE pull_request.state = 'merged'
"""


def upgrade() -> None:
    op.create_table(
        "merged_week",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("merged_pull_requests", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("input_uncached", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cache_read", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cache_write", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("output_visible", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("output_reasoning", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cost_nano_usd", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("repository_tokens", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cohort_tokens", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),
        sa.PrimaryKeyConstraint("organization_id", "team_id", "week"),
    )
    op.create_table(
        "stale_week",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("note_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "note_id"),
    )
    op.create_index("stale_week_week", "stale_week", ["organization_id", "team_id", "week"], unique=False)
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(POLICY.format(table=table))
    op.execute("SET LOCAL shipledger.operator = 'on'")
    op.execute(NOTE_ALL)
    op.execute("SET LOCAL shipledger.operator = 'off'")


def downgrade() -> None:
    op.drop_index("stale_week_week", table_name="stale_week")
    op.drop_table("stale_week")
    op.drop_table("merged_week")
