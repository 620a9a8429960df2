"""abbreviated commits"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

POLICY = """
CREATE POLICY tenant ON abbreviated_commit
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


def upgrade() -> None:
    op.create_table(
        "abbreviated_commit",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("abbreviation", sa.LargeBinary(), nullable=False),
        sa.Column("commit", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "abbreviation", "commit"),
    )
    op.create_index("abbreviated_commit_commit", "abbreviated_commit", ["organization_id", "commit"])
    op.execute("ALTER TABLE abbreviated_commit ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE abbreviated_commit FORCE ROW LEVEL SECURITY")
    op.execute(POLICY)


def downgrade() -> None:
    op.drop_table("abbreviated_commit")
