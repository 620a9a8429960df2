"""keys with the scope admin could do everything, which is now the scope owner"""

from collections.abc import Sequence

from alembic import op

revision: str = "202612010501"
down_revision: str | None = "202612010201"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # They keep the scope admin, which is what old code looks for.
    op.execute(
        "UPDATE api_key SET scopes = array_append(scopes, 'owner') "
        "WHERE 'admin' = ANY(scopes) AND NOT 'owner' = ANY(scopes)"
    )


def downgrade() -> None:
    op.execute(
        "UPDATE api_key SET scopes = array_append(scopes, 'admin') "
        "WHERE 'owner' = ANY(scopes) AND NOT 'admin' = ANY(scopes)"
    )
    op.execute("UPDATE api_key SET scopes = array_remove(scopes, 'owner') WHERE 'owner' = ANY(scopes)")
