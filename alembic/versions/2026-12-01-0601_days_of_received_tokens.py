"""tokens received by day, of all teams together, and an index of the newest releases"""

from collections.abc import Sequence

from alembic import op

revision: str = "202612010601"
down_revision: str | None = "202612010201"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KINDS = ("input_uncached", "cache_read", "cache_write", "output_visible", "output_reasoning")
NOT_SUMMED = (
    f"(summed_tokens, {', '.join(f'summed_{kind}' for kind in KINDS)})"
    f" IS DISTINCT FROM ({' + '.join(KINDS)}, {', '.join(KINDS)})"
)
# Workers sum what was received before.
ADD = f"ALTER TABLE intake_total {', '.join(f'ADD COLUMN summed_{kind} bigint' for kind in KINDS)}"
TABLE = f"""
CREATE TABLE received_day (
    organization_id bigint NOT NULL,
    day date NOT NULL,
    {", ".join(f"{kind} bigint NOT NULL DEFAULT 0" for kind in KINDS)},
    PRIMARY KEY (organization_id, day)
)
"""
PROTECTION = (
    "ALTER TABLE received_day ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE received_day FORCE ROW LEVEL SECURITY",
    """
    CREATE POLICY tenant ON received_day USING (
        organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
        OR current_setting('shipledger.operator', true) = 'on'
    )
    """,
)


def upgrade() -> None:
    for statement in (ADD, TABLE, *PROTECTION):
        op.execute(statement)
    op.execute(f"CREATE INDEX intake_total_to_sum ON intake_total (organization_id, team_id, day) WHERE {NOT_SUMMED}")
    op.execute("DROP INDEX intake_total_not_summed")
    op.execute("CREATE INDEX release_newest ON release (organization_id, released_at, artifact_id)")


def downgrade() -> None:
    op.execute("DROP INDEX release_newest")
    op.execute(
        "CREATE INDEX intake_total_not_summed ON intake_total (organization_id, team_id, day)"
        f" WHERE summed_tokens IS DISTINCT FROM {' + '.join(KINDS)}"
    )
    op.execute("DROP INDEX intake_total_to_sum")
    op.execute("DROP TABLE received_day")
    op.execute(f"ALTER TABLE intake_total {', '.join(f'DROP COLUMN summed_{kind}' for kind in KINDS)}")
