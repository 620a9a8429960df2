"""tiers and pieces of bills, age of tallies, and tokens of dropped records"""

from collections.abc import Sequence

from alembic import op

revision: str = "202611301440"
down_revision: str | None = "202611301410"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE billing_charge ADD service_tier varchar NOT NULL DEFAULT '',"
        " ADD lives_an_hour boolean NOT NULL DEFAULT false, ADD pieces bigint NOT NULL DEFAULT 0"
    )
    op.execute("ALTER TABLE dropped_record ADD tokens bigint NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE token_tally ADD seen_at timestamptz NOT NULL DEFAULT now()")
    op.execute("CREATE INDEX token_tally_retention ON token_tally (organization_id, seen_at)")


def downgrade() -> None:
    op.execute("ALTER TABLE billing_charge DROP service_tier, DROP lives_an_hour, DROP pieces")
    op.execute("ALTER TABLE dropped_record DROP tokens")
    op.execute("DROP INDEX token_tally_retention")
    op.execute("ALTER TABLE token_tally DROP seen_at")
