"""spend by pull request and release, and by provider, team and model"""

import re
from collections.abc import Sequence

from alembic import op

revision: str = "202611301745"
down_revision: str | None = "202611301744"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COSTS = ("list_nano_usd", "effective_nano_usd", "billed_nano_usd")
MEASURES = (
    *("input_uncached", "cache_read", "cache_write", "output_visible", "output_reasoning"),
    *COSTS,
    *("requests", "failed_requests", "timed_requests", "duration_ms"),
)


def sums(*names: str) -> str:
    return ",\n    ".join(f"{name} bigint NOT NULL DEFAULT 0" for name in names)


NEW_TABLES = f"""
CREATE TABLE spend_work (
    organization_id bigint NOT NULL,
    team_id bigint NOT NULL,
    day date NOT NULL,
    artifact_id bytea NOT NULL,
    provider varchar NOT NULL,
    model varchar NOT NULL,
    {sums(*MEASURES, "linked_tokens")},
    PRIMARY KEY (organization_id, team_id, day, artifact_id, provider, model)
);

CREATE TABLE pull_request_spend (
    organization_id bigint NOT NULL,
    artifact_id bytea NOT NULL,
    team_id bigint NOT NULL,
    state varchar NOT NULL,
    merged_at timestamptz,
    is_bot boolean NOT NULL DEFAULT false,
    {sums(*COSTS, "tokens", "linked_tokens")},
    PRIMARY KEY (organization_id, artifact_id)
);
CREATE INDEX pull_request_spend_list_nano_usd
    ON pull_request_spend (organization_id, state, list_nano_usd, artifact_id);
CREATE INDEX pull_request_spend_effective_nano_usd
    ON pull_request_spend (organization_id, state, effective_nano_usd, artifact_id);
CREATE INDEX pull_request_spend_billed_nano_usd
    ON pull_request_spend (organization_id, state, billed_nano_usd, artifact_id);
CREATE INDEX pull_request_spend_team ON pull_request_spend (organization_id, team_id, merged_at);
CREATE INDEX pull_request_spend_merged ON pull_request_spend (organization_id, merged_at)
    INCLUDE ({", ".join(COSTS)}) WHERE state = 'merged';

CREATE TABLE merged_cut (
    organization_id bigint NOT NULL,
    cut varchar NOT NULL,
    grain varchar NOT NULL,
    period date NOT NULL,
    value bigint NOT NULL,
    {sums(*COSTS, "pull_requests", "tokens")},
    PRIMARY KEY (organization_id, cut, grain, period, value)
) WITH (fillfactor = 70);

CREATE TABLE release_spend (
    organization_id bigint NOT NULL,
    artifact_id bytea NOT NULL,
    {sums(*COSTS)},
    PRIMARY KEY (organization_id, artifact_id)
);
CREATE INDEX release_spend_list_nano_usd
    ON release_spend (organization_id, list_nano_usd, artifact_id);
CREATE INDEX release_spend_effective_nano_usd
    ON release_spend (organization_id, effective_nano_usd, artifact_id);
CREATE INDEX release_spend_billed_nano_usd
    ON release_spend (organization_id, billed_nano_usd, artifact_id);
"""
INDEX = """
CREATE INDEX merged_week_week ON merged_week (organization_id, week, team_id) INCLUDE (merged_pull_requests)
 WHERE merged_pull_requests > 0
"""

# Workers roll up what was settled before.
NOTES = """
SET LOCAL shipledger.operator = 'on';
INSERT INTO stale_spend (organization_id, artifact_id) SELECT organization_id, artifact_id FROM pull_request;
INSERT INTO stale_spend (organization_id, artifact_id) SELECT organization_id, artifact_id FROM release;
INSERT INTO stale_spend (organization_id, team_id, day)
SELECT organization_id, team_id, day FROM settlement WHERE settled_at IS NOT NULL;
SET LOCAL shipledger.operator = DEFAULT;
"""

PROTECTION = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {table}
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
);
"""
TABLES = re.findall(r"^CREATE TABLE (\w+)", NEW_TABLES, re.MULTILINE)


def upgrade() -> None:
    for statements in (NEW_TABLES, INDEX, *(PROTECTION.format(table=table) for table in TABLES), NOTES):
        _execute(statements)


def downgrade() -> None:
    op.execute("DROP INDEX merged_week_week")
    op.execute(f"DROP TABLE {', '.join(TABLES)}")
    op.execute("SET LOCAL shipledger.operator = 'on'")
    op.execute("DELETE FROM spend_cut WHERE cut = 'provider,team,model'")


def _execute(statements: str) -> None:
    """Run statements one by one: a prepared statement holds only one."""
    for statement in re.split(r";$", statements.strip().removesuffix(";"), flags=re.MULTILINE):
        op.execute(statement)
