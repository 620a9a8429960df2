"""team sync"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0034"
down_revision: str | None = "0033"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("team_sync", "forge_team")

POLICY = """
CREATE POLICY tenant ON {table}
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


def instant(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def flag(name: str) -> sa.Column:
    return sa.Column(name, sa.Boolean(), server_default="false", nullable=False)


def of_connection() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organization_id", "connection_id"], ["connection.organization_id", "connection.connection_id"]
    )


def upgrade() -> None:
    op.create_table(
        "team_sync",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        flag("enabled"),
        sa.Column("left_out", sa.ARRAY(sa.LargeBinary()), server_default="{}", nullable=False),
        instant("asked_at"),
        instant("dry_run_at"),
        instant("succeeded_at"),
        sa.Column("report", sa.String(), nullable=True),
        sa.Column("dry_run_report", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        of_connection(),
        sa.PrimaryKeyConstraint("organization_id", "connection_id"),
    )
    op.create_table(
        "forge_team",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("forge_team_id", sa.LargeBinary(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        of_connection(),
        sa.ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),
        sa.PrimaryKeyConstraint("organization_id", "forge_team_id"),
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(POLICY.format(table=table))
    op.add_column("team", flag("size_counted"))
    op.add_column("repository", flag("team_synced"))
    op.add_column("pull_request", sa.Column("author_team_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "pull_request_author_team",
        "pull_request",
        "team",
        ["organization_id", "author_team_id"],
        ["organization_id", "team_id"],
    )
    op.create_index(
        "pull_request_author_team",
        "pull_request",
        ["organization_id", "author_team_id"],
        postgresql_where=sa.text("author_team_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("pull_request_author_team", "pull_request")
    op.drop_constraint("pull_request_author_team", "pull_request", type_="foreignkey")
    op.drop_column("pull_request", "author_team_id")
    op.drop_column("repository", "team_synced")
    op.drop_column("team", "size_counted")
    for table in reversed(TABLES):
        op.drop_table(table)
