"""gateway bytes"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("gateway_usage", "gateway_hour", "stale_gateway_day", "gateway_calibration", "gateway_estimate")

POLICY = """
CREATE POLICY tenant ON {table}
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


def organization() -> sa.Column:
    return sa.Column("organization_id", sa.BigInteger(), nullable=False)


def instant(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def now(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def texts(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def counts(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.BigInteger(), server_default="0", nullable=False) for name in names]


def reals(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Float(), nullable=False) for name in names]


def team() -> sa.Column:
    return sa.Column("team_id", sa.BigInteger(), autoincrement=False, nullable=False)


def of_a_team() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"])


def upgrade() -> None:
    usage()
    op.create_table(
        "gateway_hour",
        organization(),
        instant("hour"),
        team(),
        *texts("provider", "model", "part"),
        sa.Column("size_class", sa.Integer(), autoincrement=False, nullable=False),
        *counts("requests", "bytes"),
        of_a_team(),
        sa.PrimaryKeyConstraint("organization_id", "hour", "team_id", "provider", "model", "part", "size_class"),
    )
    op.create_table(
        "stale_gateway_day",
        organization(),
        sa.Column("note_id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "note_id"),
    )
    op.create_index("stale_gateway_day_day", "stale_gateway_day", ["organization_id", "day"], unique=False)
    calibration()
    op.create_table(
        "gateway_estimate",
        organization(),
        sa.Column("day", sa.Date(), nullable=False),
        team(),
        *texts("provider", "model"),
        *counts("requests", "input_tokens", "output_tokens", "low_tokens", "high_tokens"),
        *counts("unestimated_requests", "unestimated_bytes"),
        sa.Column("counted_source", sa.String(), server_default="", nullable=False),
        of_a_team(),
        sa.PrimaryKeyConstraint("organization_id", "day", "team_id", "provider", "model"),
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(POLICY.format(table=table))


def usage() -> None:
    op.create_table(
        "gateway_usage",
        organization(),
        sa.Column("event_id", sa.LargeBinary(), nullable=False),
        now("received_at"),
        instant("occurred_at"),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        *texts("provider", "model", "route"),
        sa.Column("stream", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("request_bytes", "response_bytes")),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("input_tokens", "output_tokens")),
        sa.Column("state", sa.String(), server_default="processed", nullable=False),
        of_a_team(),
        sa.PrimaryKeyConstraint("organization_id", "event_id"),
    )
    op.create_index(
        "gateway_usage_waiting",
        "gateway_usage",
        ["organization_id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index("gateway_usage_retention", "gateway_usage", ["organization_id", "received_at"], unique=False)
    op.create_index(
        "gateway_usage_told",
        "gateway_usage",
        ["organization_id", "provider", "model", "occurred_at"],
        unique=False,
        postgresql_where=sa.text("input_tokens IS NOT NULL"),
    )


def calibration() -> None:
    op.create_table(
        "gateway_calibration",
        organization(),
        *texts("provider", "model", "part"),
        instant("begins_at"),
        *reals("a_byte", "a_request"),
        sa.Column("largest", sa.Float(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        *reals("error", "sum_error"),
        sa.Column("offset_tokens", sa.BigInteger(), nullable=False),
        sa.Column("sizes", sa.ARRAY(sa.Integer()), nullable=False),
        *(sa.Column(name, sa.ARRAY(sa.Float()), nullable=False) for name in ("low", "high")),
        *reals("middle", "spread"),
        sa.Column("waiting", sa.ARRAY(sa.Float()), server_default="{}", nullable=False),
        instant("waiting_since", nullable=True),
        sa.Column("rising", sa.Float(), server_default="0", nullable=False),
        instant("rising_since", nullable=True),
        sa.Column("falling", sa.Float(), server_default="0", nullable=False),
        instant("falling_since", nullable=True),
        instant("drifted_since", nullable=True),
        now("fitted_at"),
        sa.PrimaryKeyConstraint("organization_id", "provider", "model", "part", "begins_at"),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
