"""parts of metrics beside their totals, and imports of requests whose raw events are deleted"""

import re
from collections.abc import Sequence

from alembic import op

revision: str = "202611302201"
down_revision: str | None = "202611301745"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KINDS = ("input_uncached", "cache_read", "cache_write", "output_visible", "output_reasoning")


def sums(*names: str) -> str:
    return ",\n    ".join(f"{name} bigint NOT NULL DEFAULT 0" for name in names)


NEW_TABLES = f"""
CREATE TABLE metric_group (
    organization_id bigint NOT NULL,
    group_id bytea NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    {sums("total_input", "read", "written", "total_output", "thought")},
    cache_is_beside boolean NOT NULL DEFAULT false,
    reasoning_is_beside boolean NOT NULL DEFAULT false,
    {sums(*KINDS)},
    PRIMARY KEY (organization_id, group_id)
);
CREATE INDEX metric_group_retention ON metric_group (organization_id, seen_at);

CREATE TABLE unnamed_request (
    organization_id bigint NOT NULL,
    source varchar NOT NULL,
    input bigint NOT NULL,
    output bigint NOT NULL,
    half_hour timestamptz NOT NULL,
    {sums("requests")},
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, source, input, output, half_hour)
);
CREATE INDEX unnamed_request_retention ON unnamed_request (organization_id, seen_at);

CREATE TABLE metered_hour (
    organization_id bigint NOT NULL,
    team_id bigint NOT NULL,
    source varchar NOT NULL,
    hour timestamptz NOT NULL,
    model varchar NOT NULL,
    reporter varchar NOT NULL,
    {sums(*KINDS)},
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, team_id, source, hour, model, reporter)
);
CREATE INDEX metered_hour_retention ON metered_hour (organization_id, seen_at);
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
    for statements in (NEW_TABLES, *(PROTECTION.format(table=table) for table in TABLES)):
        _execute(statements)


def downgrade() -> None:
    op.execute(f"DROP TABLE {', '.join(TABLES)}")


def _execute(statements: str) -> None:
    """Run statements one by one: a prepared statement holds only one."""
    for statement in re.split(r";$", statements.strip().removesuffix(";"), flags=re.MULTILINE):
        op.execute(statement)
