"""repairs"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("repair_check", "repair_count", "missed_delivery")

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


def zero(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def keys() -> tuple[sa.Column, ...]:
    return (
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
    )


def of_an_organization() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["organization_id"], ["organization.organization_id"])


def upgrade() -> None:
    op.create_table(
        "repair_check",
        *keys(),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        now("next_attempt_at"),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("cursor", sa.String(), nullable=True),
        sa.Column("sealed_places", sa.LargeBinary(), nullable=True),
        instant("placed_at"),
        instant("asked_at"),
        instant("succeeded_at"),
        of_an_organization(),
        sa.PrimaryKeyConstraint("organization_id", "subject_id", "kind"),
    )
    op.create_index("repair_check_due", "repair_check", ["organization_id", "next_attempt_at"], unique=False)
    op.create_table(
        "repair_count",
        *keys(),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        zero("found"),
        zero("asked_again"),
        zero("recovered"),
        of_an_organization(),
        sa.PrimaryKeyConstraint("organization_id", "subject_id", "kind", "day"),
    )
    op.create_table(
        "missed_delivery",
        *keys(),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("missed_at", sa.DateTime(timezone=True), nullable=False),
        now("found_at"),
        sa.Column("asked", sa.Integer(), server_default="0", nullable=False),
        instant("asked_at"),
        instant("recovered_at"),
        of_an_organization(),
        sa.PrimaryKeyConstraint("organization_id", "subject_id", "reference"),
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(POLICY.format(table=table))


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
