"""a changed policy about layers reaches what still lives"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

POLICY = """
CREATE POLICY tenant ON layer_change
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


def upgrade() -> None:
    op.create_table(
        "layer_change",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("judged_to", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),
        sa.PrimaryKeyConstraint("organization_id"),
    )
    op.execute("ALTER TABLE layer_change ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE layer_change FORCE ROW LEVEL SECURITY")
    op.execute(POLICY)


def downgrade() -> None:
    op.drop_table("layer_change")
