"""studies of effects"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "202611301502"
down_revision: str | None = "202611301440"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "effect_study",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("first_week", sa.Date(), nullable=True),
        sa.Column("last_week", sa.Date(), nullable=True),
        sa.Column("studied_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id"),
    )
    op.execute("ALTER TABLE effect_study ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE effect_study FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON effect_study USING (organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint OR current_setting('shipledger.operator', true) = 'on')"
    )


def downgrade() -> None:
    op.drop_table("effect_study")
