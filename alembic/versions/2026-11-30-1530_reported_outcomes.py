"""outcomes beside pull requests, as clients report them"""

from collections.abc import Sequence

from alembic import op

revision: str = "202611301530"
down_revision: str | None = "202611301515"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLE = """
CREATE TABLE reported_outcome (
    organization_id bigint NOT NULL REFERENCES organization (organization_id),
    identity bytea NOT NULL,
    team_id bigint NOT NULL,
    hour timestamptz NOT NULL,
    feature varchar NOT NULL,
    workflow varchar NOT NULL,
    number bigint NOT NULL,
    successes bigint,
    quality bigint,
    PRIMARY KEY (organization_id, identity),
    FOREIGN KEY (organization_id, team_id) REFERENCES team (organization_id, team_id)
)
"""
POLICY = """
CREATE POLICY tenant ON reported_outcome
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


def upgrade() -> None:
    op.execute(TABLE)
    op.execute("CREATE INDEX reported_outcome_hour ON reported_outcome (organization_id, hour)")
    op.execute("ALTER TABLE reported_outcome ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE reported_outcome FORCE ROW LEVEL SECURITY")
    op.execute(POLICY)


def downgrade() -> None:
    op.execute("DROP TABLE reported_outcome")
