"""keys with the scope admin could do everything, which is now the scope owner; dead letters are found by indexes"""

from collections.abc import Sequence

from alembic import op

revision: str = "202612010602"
down_revision: str | None = "202612010601"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Of the other tables with dead letters, an index covers all rows that are not processed, or there are few rows.
TABLES = ("delivery", "enrichment", "summary", "backfill_step", "alert_delivery")


def upgrade() -> None:
    # They keep the scope admin, which is what old code looks for.
    op.execute(
        "UPDATE api_key SET scopes = array_append(scopes, 'owner') "
        "WHERE 'admin' = ANY(scopes) AND NOT 'owner' = ANY(scopes)"
    )
    # Intake goes on meanwhile; what an interrupted attempt left behind is not valid and goes first.
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        for table in TABLES:
            op.execute(f"DROP INDEX IF EXISTS {table}_dead")
            op.execute(
                f"CREATE INDEX CONCURRENTLY {table}_dead ON {table} (organization_id, next_attempt_at) "
                "WHERE state = 'dead'"
            )
        op.execute("SET lock_timeout = '5s'")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DROP INDEX {table}_dead")
    op.execute(
        "UPDATE api_key SET scopes = array_append(scopes, 'admin') "
        "WHERE 'owner' = ANY(scopes) AND NOT 'admin' = ANY(scopes)"
    )
    op.execute("UPDATE api_key SET scopes = array_remove(scopes, 'owner') WHERE 'owner' = ANY(scopes)")
