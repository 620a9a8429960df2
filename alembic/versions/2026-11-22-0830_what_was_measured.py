"""what was measured"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("measurement", "metric_series", "token_tally")
TELLERS = ("spans", "counters", "histogram")

POLICY = """
CREATE POLICY tenant ON {table}
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


def seen_at() -> sa.Column:
    return sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "metric_series",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("series_id", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("moment", sa.BigInteger(), nullable=False),
        seen_at(),
        sa.PrimaryKeyConstraint("organization_id", "series_id"),
    )
    op.create_table(
        "measurement",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("measurement_id", sa.LargeBinary(), nullable=False),
        seen_at(),
        sa.PrimaryKeyConstraint("organization_id", "measurement_id"),
    )
    for table in ("metric_series", "measurement"):
        op.create_index(f"{table}_retention", table, ["organization_id", "seen_at"], unique=False)
    voices = []
    for teller in TELLERS:
        for total in ("input", "output"):
            voices.append(sa.Column(f"{teller}_{total}", sa.BigInteger(), server_default="0", nullable=False))
        for moment in ("until", "since"):
            voices.append(sa.Column(f"{teller}_{moment}", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "token_tally",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("tally_id", sa.LargeBinary(), nullable=False),
        *voices,
        sa.PrimaryKeyConstraint("organization_id", "tally_id"),
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(POLICY.format(table=table))


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
