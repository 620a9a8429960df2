"""requests that guardrails refused, and their retries"""

from collections.abc import Sequence

from alembic import op

revision: str = "202611301744"
down_revision: str | None = "202611301743"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("token_event", "token_window", "spend_day")


def upgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ADD guardrail varchar NOT NULL DEFAULT ''")
    op.execute("CREATE INDEX spend_day_guardrail ON spend_day (organization_id, day) WHERE guardrail <> ''")


def downgrade() -> None:
    op.execute("DROP INDEX spend_day_guardrail")
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} DROP guardrail")
