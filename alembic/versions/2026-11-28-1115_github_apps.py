"""github apps"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("github_app", "installation_claim")

POLICY = """
CREATE POLICY tenant ON {table}
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


def instant(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def now(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def retries() -> tuple[sa.Column, ...]:
    return (
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        now("next_attempt_at"),
        sa.Column("failure", sa.String(), nullable=True),
    )


def upgrade() -> None:
    op.create_table(
        "github_app",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="begun", nullable=False),
        sa.Column("state_digest", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_form", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_code", sa.LargeBinary(), nullable=True),
        sa.Column("app_id", sa.BigInteger(), nullable=True),
        sa.Column("sealed_credentials", sa.LargeBinary(), nullable=True),
        now("created_at"),
        instant("registered_at"),
        *retries(),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),
        sa.PrimaryKeyConstraint("organization_id", "registration_id"),
    )
    op.create_index("github_app_state_key", "github_app", ["organization_id", "state_digest"], unique=True)
    op.create_index(
        "github_app_id", "github_app", ["app_id"], unique=False, postgresql_where=sa.text("app_id IS NOT NULL")
    )
    op.create_table(
        "installation_claim",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("installation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        now("created_at"),
        *retries(),
        sa.ForeignKeyConstraint(
            ["organization_id", "registration_id"], ["github_app.organization_id", "github_app.registration_id"]
        ),
        sa.PrimaryKeyConstraint("organization_id", "registration_id", "installation_id"),
    )
    for table in TABLES:
        op.create_index(
            f"{table}_waiting",
            table,
            ["organization_id", "next_attempt_at"],
            unique=False,
            postgresql_where=sa.text("state = 'waiting'"),
        )
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(POLICY.format(table=table))
    op.add_column("connection", sa.Column("registration_id", sa.Uuid(), nullable=True))
    op.add_column("connection", instant("told_at"))
    op.create_foreign_key(
        "connection_registration_fkey",
        "connection",
        "github_app",
        ["organization_id", "registration_id"],
        ["organization_id", "registration_id"],
    )


def downgrade() -> None:
    op.drop_constraint("connection_registration_fkey", "connection", type_="foreignkey")
    op.drop_column("connection", "told_at")
    op.drop_column("connection", "registration_id")
    for table in reversed(TABLES):
        op.drop_table(table)
