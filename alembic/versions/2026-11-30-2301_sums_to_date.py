"""sums of spend to date and of merged pull requests, what these were made with, and an index of unsettled days"""

from collections.abc import Sequence

from alembic import op

revision: str = "202611302301"
down_revision: str | None = "202611302101"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MEASURES = (
    *("input_uncached", "cache_read", "cache_write", "output_visible", "output_reasoning"),
    *("list_nano_usd", "effective_nano_usd", "billed_nano_usd"),
    *("requests", "failed_requests", "timed_requests", "duration_ms"),
)
KEY = "organization_id, cut, owner, first, second, begins"

# Every sum at each day (month) of its month (year) on which anything was spent, from its first one on.
SUM = f"""
INSERT INTO spend_cut (organization_id, cut, owner, grain, period, first, second, {", ".join(MEASURES)})
WITH known AS MATERIALIZED (
    SELECT *, date_trunc('{{length}}', period::timestamp)::date AS begins FROM spend_cut
     WHERE grain = '{{part}}' AND cut NOT LIKE 'team,%' AND cut NOT LIKE 'repository,%'
), cell AS (
    SELECT {KEY}, point.period
      FROM (SELECT DISTINCT {KEY} FROM known) AS used
      JOIN (SELECT organization_id, begins, period FROM known WHERE cut = '') AS point USING (organization_id, begins)
)
SELECT organization_id, cut, owner, '{{length}}_to_date', period, first, second, {", ".join(MEASURES)}
  FROM (SELECT {KEY}, period, count(is_known) OVER until AS parts,
               {", ".join(f"(sum({name}) OVER until)::bigint AS {name}" for name in MEASURES)}
          FROM cell
          LEFT JOIN (SELECT *, true AS is_known FROM known) AS known USING ({KEY}, period)
        WINDOW until AS (PARTITION BY {KEY} ORDER BY period)) AS summed
 WHERE parts > 0
"""

INDEXES = """
CREATE INDEX intake_total_day ON intake_total (organization_id, day);
CREATE INDEX settlement_unsettled ON settlement (organization_id, team_id, day) WHERE state <> 'processed'
"""

TABLES = """
CREATE TABLE merged_work (
    organization_id bigint NOT NULL,
    artifact_id bytea NOT NULL,
    {merged_work},
    context_tier varchar,
    model_family varchar,
    prompt_version varchar,
    PRIMARY KEY (organization_id, artifact_id)
);
CREATE TABLE merged_part (
    organization_id bigint NOT NULL,
    artifact_id bytea NOT NULL,
    evidence varchar NOT NULL,
    model varchar NOT NULL,
    workflow varchar NOT NULL,
    team_id bigint NOT NULL,
    day date NOT NULL,
    repository_id bytea NOT NULL,
    feature varchar NOT NULL,
    {merged_part},
    PRIMARY KEY (organization_id, artifact_id, evidence, model, workflow)
);
CREATE INDEX merged_part_team ON merged_part (organization_id, team_id, day);
CREATE TABLE merged_spend (
    organization_id bigint NOT NULL,
    cut varchar NOT NULL,
    grain varchar NOT NULL,
    period date NOT NULL,
    first varchar NOT NULL,
    second varchar NOT NULL,
    {merged_spend},
    PRIMARY KEY (organization_id, cut, grain, period, first, second)
)
"""
SUMS = {
    "merged_work": ("tokens", "linked_tokens", "list_nano_usd", "output_tokens"),
    "merged_part": (*MEASURES[:8], "pull_requests"),
    "merged_spend": (*MEASURES[:8], "pull_requests", "repository_tokens", "cohort_tokens"),
}
# PostgreSQL looks this up by key once per scan, and the policy of other tables for each row. As there, no setting means
# no row.
OWN = "NULLIF(current_setting('shipledger.organization_id', true), '')::bigint"
# 1 for the operator, who sees all rows, else NULL, which LEAST and GREATEST ignore: Citus refuses CASE here.
OPERATOR = "NULLIF(current_setting('shipledger.operator', true) = 'on', false)::integer"
TENANT = f"""
    organization_id >= LEAST({OWN}, {OPERATOR} - 1)
    AND organization_id <= GREATEST({OWN}, {OPERATOR} * 9223372036854775807)
"""
TENANT_OF_ROWS = """
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
"""
READ_BY_KEY = ("spend_cut", "spend_day", "merged_spend")
# `sum` of bigints is numeric, which takes several times as long.
AGGREGATE = """
CREATE AGGREGATE whole_sum(bigint) (SFUNC = int8pl, STYPE = bigint, COMBINEFUNC = int8pl, PARALLEL = SAFE)
"""
PROTECTION = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {table} USING ({tenant})
"""
# Workers sum what was merged before.
NOTE = "INSERT INTO stale_spend (organization_id, artifact_id) SELECT organization_id, artifact_id FROM pull_request"


def statements() -> list[str]:
    columns = {
        table: ",\n    ".join(f"{name} bigint NOT NULL DEFAULT 0" for name in names) for table, names in SUMS.items()
    }
    texts = [TABLES.format(**columns), *(PROTECTION.format(table=table, tenant=TENANT_OF_ROWS) for table in SUMS)]
    return [each for text in texts for each in text.split(";")]


def upgrade() -> None:
    op.execute("SET LOCAL shipledger.operator = 'on'")
    op.execute("SELECT pg_advisory_xact_lock(hashtextextended('spend', organization_id)) FROM organization")
    for part, length in (("day", "month"), ("month", "year")):
        op.execute(SUM.format(part=part, length=length))
    for statement in (AGGREGATE, *INDEXES.split(";"), *statements(), NOTE):
        op.execute(statement)
    for table in READ_BY_KEY:
        op.execute(f"ALTER POLICY tenant ON {table} USING ({TENANT})")
    op.execute("SET LOCAL shipledger.operator = DEFAULT")


def downgrade() -> None:
    for table in READ_BY_KEY:
        op.execute(f"ALTER POLICY tenant ON {table} USING ({TENANT_OF_ROWS})")
    op.execute("DROP AGGREGATE whole_sum(bigint)")
    op.execute(f"DROP TABLE {', '.join(SUMS)}")
    op.execute("DROP INDEX settlement_unsettled, intake_total_day")
    op.execute("SET LOCAL shipledger.operator = 'on'")
    op.execute("DELETE FROM spend_cut WHERE grain IN ('month_to_date', 'year_to_date')")
    op.execute("SET LOCAL shipledger.operator = DEFAULT")
