"""teams of repositories over time"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

POLICY = """
CREATE POLICY tenant ON repository_team
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


def upgrade() -> None:
    op.create_table(
        "repository_team",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("repository_id", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "repository_id"], ["repository.organization_id", "repository.artifact_id"]
        ),
        sa.ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),
        sa.PrimaryKeyConstraint("organization_id", "repository_id", "until"),
    )
    op.execute("ALTER TABLE repository_team ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE repository_team FORCE ROW LEVEL SECURITY")
    op.execute(POLICY)
    op.add_column("team", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("team", "removed_at")
    op.drop_table("repository_team")
