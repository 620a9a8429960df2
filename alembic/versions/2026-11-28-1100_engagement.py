"""engagement"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COUNTS = ("interactions", "generations", "acceptances", "lines_added", "lines_deleted")

POLICY = """
CREATE POLICY tenant ON engagement
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


def upgrade() -> None:
    op.create_table(
        "engagement",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), server_default="0", nullable=False) for name in COUNTS),
        sa.Column("active_people", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"], ["provider_account.organization_id", "provider_account.account_id"]
        ),
        sa.PrimaryKeyConstraint("organization_id", "account_id", "day", "model"),
    )
    op.execute("ALTER TABLE engagement ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE engagement FORCE ROW LEVEL SECURITY")
    op.execute(POLICY)


def downgrade() -> None:
    op.drop_table("engagement")
