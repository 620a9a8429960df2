"""days of work on merged pull requests, sums of how often they were reworked, and received tokens by team"""

from collections.abc import Sequence

from alembic import op

revision: str = "202612010801"
down_revision: str | None = "202612010701"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

REWORK = ("pushes_after_opening", "review_rounds", "reverted", "fix_released")
SUMMED = ("list_nano_usd", "effective_nano_usd", "billed_nano_usd", "tokens")
DAYS = {
    **{"days": "date[] NOT NULL DEFAULT '{}'", "day_costs": "bigint[] NOT NULL DEFAULT '{}'"},
    **{"first_day": "date", "last_day": "date"},
}
COLUMNS = {name: "bigint NOT NULL DEFAULT 0" for name in REWORK}
TABLES = {"pull_request_spend": COLUMNS | DAYS, "merged_cut": COLUMNS}

KINDS = ("input_uncached", "cache_read", "cache_write", "output_visible", "output_reasoning")
NEW_TABLES = (
    """
CREATE TABLE worked_day (
    organization_id bigint NOT NULL,
    day date NOT NULL,
    day_before date NOT NULL,
    pull_requests bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (organization_id, day, day_before)
)
""",
    f"""
CREATE TABLE received_cut (
    organization_id bigint NOT NULL,
    grain varchar NOT NULL,
    period date NOT NULL,
    team_id bigint NOT NULL,
    {", ".join(f"{name} bigint NOT NULL DEFAULT 0" for name in KINDS)},
    PRIMARY KEY (organization_id, grain, period, team_id)
)
""",
)
# PostgreSQL looks this up by key once per scan, and the policy of other tables for each row. As there, no setting means
# no row.
OWN = "NULLIF(current_setting('shipledger.organization_id', true), '')::bigint"
# 1 for the operator, who sees all rows, else NULL, which LEAST and GREATEST ignore: Citus refuses CASE here.
OPERATOR = "NULLIF(current_setting('shipledger.operator', true) = 'on', false)::integer"
PROTECTION = (
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
    f"""
    CREATE POLICY tenant ON {{table}} USING (
        organization_id >= LEAST({OWN}, {OPERATOR} - 1)
        AND organization_id <= GREATEST({OWN}, {OPERATOR} * 9223372036854775807)
    )
    """,
)
INDEXES = {
    "pull_request_spend_last_day": "last_day, list_nano_usd, artifact_id",
    "pull_request_spend_days": "last_day, first_day",
}
BOTS = f"""
INSERT INTO merged_cut (organization_id, cut, grain, period, value, pull_requests, {", ".join(SUMMED)})
SELECT organization_id, 'bots', grain, date_trunc(grain, merged_at AT TIME ZONE 'UTC')::date AS start, team_id,
       count(*), {", ".join(f"sum({name})" for name in SUMMED)}
  FROM pull_request_spend CROSS JOIN (VALUES ('day'), ('week'), ('month')) AS span (grain)
 WHERE state = 'merged' AND merged_at IS NOT NULL AND is_bot
 GROUP BY organization_id, grain, start, team_id
"""
RECEIVED = f"""
INSERT INTO received_cut (organization_id, grain, period, team_id, {", ".join(KINDS)})
SELECT organization_id, grain, date_trunc(grain, day::timestamp)::date AS start, team_id,
       {", ".join(f"sum(summed_{name})" for name in KINDS)}
  FROM intake_total CROSS JOIN (VALUES ('week'), ('month')) AS span (grain)
 WHERE summed_input_uncached IS NOT NULL
 GROUP BY organization_id, grain, start, team_id
"""
# Workers read again what became of each.
NOTE = "INSERT INTO stale_spend (organization_id, artifact_id) SELECT organization_id, artifact_id FROM pull_request"


def upgrade() -> None:
    op.execute("SET LOCAL shipledger.operator = 'on'")
    op.execute("SELECT pg_advisory_xact_lock(hashtextextended('spend', organization_id)) FROM organization")
    op.execute("SELECT pg_advisory_xact_lock(hashtextextended('merged_week', organization_id)) FROM organization")
    for table, columns in TABLES.items():
        op.execute(f"ALTER TABLE {table} {', '.join(f'ADD COLUMN {name} {kind}' for name, kind in columns.items())}")
    protection = [each.format(table=table) for table in ("worked_day", "received_cut") for each in PROTECTION]
    for statement in (*NEW_TABLES, *protection, BOTS, RECEIVED, NOTE):
        op.execute(statement)
    for name, columns in INDEXES.items():
        op.execute(
            f"CREATE INDEX {name} ON pull_request_spend (organization_id, {columns})"
            " WHERE state = 'merged' AND last_day IS NOT NULL"
        )
    op.execute("SET LOCAL shipledger.operator = DEFAULT")


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
    op.execute("DROP TABLE worked_day, received_cut")
    op.execute("SET LOCAL shipledger.operator = 'on'")
    op.execute("DELETE FROM merged_cut WHERE cut = 'bots'")
    op.execute("SET LOCAL shipledger.operator = DEFAULT")
    for table, columns in TABLES.items():
        op.execute(f"ALTER TABLE {table} {', '.join(f'DROP COLUMN {name}' for name in columns)}")
