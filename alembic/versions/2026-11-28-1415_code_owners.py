"""code owners"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0030"
down_revision: str | None = "0029"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

POLICY = """
CREATE POLICY tenant ON code_owner
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


def upgrade() -> None:
    op.create_table(
        "code_owner",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.LargeBinary(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),
        sa.PrimaryKeyConstraint("organization_id", "owner"),
    )
    op.execute("ALTER TABLE code_owner ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE code_owner FORCE ROW LEVEL SECURITY")
    op.execute(POLICY)
    op.add_column("pull_request", sa.Column("owner", sa.LargeBinary(), nullable=True))
    op.create_index(
        "pull_request_owner",
        "pull_request",
        ["organization_id", "owner"],
        postgresql_where=sa.text("owner IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("pull_request_owner", "pull_request")
    op.drop_column("pull_request", "owner")
    op.drop_table("code_owner")
