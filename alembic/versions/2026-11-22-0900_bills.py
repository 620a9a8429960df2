"""bills"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("billing_charge", "bill")

POLICY = """
CREATE POLICY tenant ON {table}
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


def upgrade() -> None:
    op.create_table(
        "bill",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("bill_id", sa.LargeBinary(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),
        sa.PrimaryKeyConstraint("organization_id", "bill_id"),
    )
    op.create_table(
        "billing_charge",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("bill_id", sa.LargeBinary(), nullable=False),
        sa.Column("charge_id", sa.LargeBinary(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("is_correction", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("exchange_rate", sa.Numeric(), nullable=True),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("list_nano", sa.BigInteger(), nullable=False),
        sa.Column("contracted_nano", sa.BigInteger(), nullable=False),
        sa.Column("effective_nano", sa.BigInteger(), nullable=False),
        sa.Column("billed_nano", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id", "bill_id"], ["bill.organization_id", "bill.bill_id"]),
        sa.PrimaryKeyConstraint("organization_id", "bill_id", "charge_id"),
    )
    op.create_index("billing_charge_day", "billing_charge", ["organization_id", "first_day"], unique=False)
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(POLICY.format(table=table))


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
