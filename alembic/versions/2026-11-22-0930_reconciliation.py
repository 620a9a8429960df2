"""reconciliation"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = (
    "effective_price",
    "ledger_cost",
    "overhead_multiplier",
    "reconciled_day",
    "reconciliation",
    "stale_reconciliation",
)
COMPARED = (
    "seen_input_uncached",
    "seen_cache_read",
    "seen_cache_write",
    "seen_output",
    "charged_input_uncached",
    "charged_cache_read",
    "charged_cache_write",
    "charged_output",
    "covered_tokens",
    "telemetry_list_nano_usd",
    "telemetry_effective_nano_usd",
    "list_nano_usd",
    "contracted_nano_usd",
    "effective_nano_usd",
    "billed_nano_usd",
    "other_nano_usd",
    "attributed_nano_usd",
)
COSTS = ("list_nano_usd", "effective_nano_usd", "billed_nano_usd")
PRICED = ("tokens", "list_nano_usd", "contracted_nano_usd", "effective_nano_usd", "billed_nano_usd")

POLICY = """
CREATE POLICY tenant ON {table}
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""

# What was billed before is reconciled, too.
NOTE_ALL = """
INSERT INTO stale_reconciliation (organization_id, from_day)
SELECT organization_id, min(first_day) FROM billing_charge GROUP BY organization_id
"""


def count(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def key(name: str, kind: type[sa.types.TypeEngine] = sa.String) -> sa.Column:
    return sa.Column(name, kind(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "reconciliation",
        key("organization_id", sa.BigInteger),
        key("day", sa.Date),
        key("provider"),
        key("model"),
        *map(count, COMPARED),
        sa.PrimaryKeyConstraint("organization_id", "day", "provider", "model"),
    )
    op.create_table(
        "effective_price",
        key("organization_id", sa.BigInteger),
        key("period_start", sa.Date),
        key("provider"),
        key("model"),
        key("kind"),
        *(key(name, sa.BigInteger) for name in PRICED),
        sa.PrimaryKeyConstraint("organization_id", "period_start", "provider", "model", "kind"),
    )
    op.create_table(
        "ledger_cost",
        key("organization_id", sa.BigInteger),
        key("team_id", sa.BigInteger),
        key("day", sa.Date),
        key("artifact_id", sa.LargeBinary),
        key("evidence"),
        key("provider"),
        key("model"),
        key("workflow"),
        *map(count, COSTS),
        sa.PrimaryKeyConstraint(
            "organization_id", "team_id", "day", "artifact_id", "evidence", "provider", "model", "workflow"
        ),
    )
    op.create_index("ledger_cost_day", "ledger_cost", ["organization_id", "day"], unique=False)
    op.create_index("ledger_cost_artifact", "ledger_cost", ["organization_id", "artifact_id"], unique=False)
    op.create_table(
        "reconciled_day",
        key("organization_id", sa.BigInteger),
        key("team_id", sa.BigInteger),
        key("day", sa.Date),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        *map(count, COSTS),
        sa.ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),
        sa.PrimaryKeyConstraint("organization_id", "team_id", "day"),
    )
    op.create_table(
        "stale_reconciliation",
        key("organization_id", sa.BigInteger),
        sa.Column("note_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        key("from_day", sa.Date),
        sa.PrimaryKeyConstraint("organization_id", "note_id"),
    )
    op.create_table(
        "overhead_multiplier",
        key("organization_id", sa.BigInteger),
        *map(count, ("orchestration", "observability", "power")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.organization_id"]),
        sa.PrimaryKeyConstraint("organization_id"),
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(POLICY.format(table=table))
    op.execute("SET LOCAL shipledger.operator = 'on'")
    op.execute(NOTE_ALL)
    op.execute("SET LOCAL shipledger.operator = 'off'")


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
