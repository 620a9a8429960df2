"""hook registrations"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLE = "hook_registration"

POLICY = f"""
CREATE POLICY tenant ON {TABLE}
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


def instant(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def now(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def count(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("target", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_path", sa.LargeBinary(), nullable=True),
        sa.Column("target_number", sa.BigInteger(), nullable=True),
        sa.Column("hook_number", sa.BigInteger(), nullable=True),
        sa.Column("webhook_url", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("is_signed", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("wants_backfill", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("test", sa.String(), nullable=True),
        count("refused_event"),
        count("repairs"),
        sa.Column("last_repair", sa.String(), nullable=True),
        instant("repaired_at"),
        instant("checked_at"),
        instant("registered_at"),
        now("created_at"),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        now("next_attempt_at"),
        sa.Column("failure", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),
        sa.PrimaryKeyConstraint("organization_id", "connection_id"),
    )
    op.create_index("hook_registration_due", TABLE, ["organization_id", "next_attempt_at"])
    op.create_index("hook_registration_target", TABLE, ["organization_id", "target"])
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")
    op.execute(POLICY)


def downgrade() -> None:
    op.drop_table(TABLE)
