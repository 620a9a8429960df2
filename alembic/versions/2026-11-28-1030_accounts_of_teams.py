"""accounts of teams"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

POLICY = """
CREATE POLICY tenant ON account_member
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


def upgrade() -> None:
    op.add_column("provider_account", sa.Column("team_id", sa.BigInteger(), nullable=True))
    op.add_column("provider_account", sa.Column("base_url", sa.String(), nullable=True))
    op.add_column("provider_account", sa.Column("scope", sa.String(), nullable=True))
    op.create_foreign_key(
        "provider_account_team", "provider_account", "team", ["organization_id", "team_id"], ["organization_id", "team_id"]
    )
    op.create_table(
        "account_member",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("member", sa.LargeBinary(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "account_id"], ["provider_account.organization_id", "provider_account.account_id"]
        ),
        sa.ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),
        sa.PrimaryKeyConstraint("organization_id", "account_id", "member"),
    )
    # What gives way to telemetry is looked for by team and hour.
    op.create_index("derived_window_hour", "derived_window", ["organization_id", "team_id", "hour"])
    op.execute("ALTER TABLE account_member ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE account_member FORCE ROW LEVEL SECURITY")
    op.execute(POLICY)


def downgrade() -> None:
    op.drop_index("derived_window_hour", table_name="derived_window")
    op.drop_table("account_member")
    op.drop_constraint("provider_account_team", "provider_account")
    for column in ("scope", "base_url", "team_id"):
        op.drop_column("provider_account", column)
