"""trunks and pushes"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("repository", sa.Column("default_branch", sa.LargeBinary(), nullable=True))
    op.add_column("branch_commit", sa.Column("push", sa.LargeBinary(), nullable=True))
    op.create_index("pull_request_base", "pull_request", ["organization_id", "base_branch", "repository_id"])
    for table in ("session_evidence", "token_event"):
        told = sa.text("branch IS NOT NULL")
        op.create_index(f"{table}_branch", table, ["organization_id", "branch"], postgresql_where=told)


def downgrade() -> None:
    for table in ("session_evidence", "token_event"):
        op.drop_index(f"{table}_branch", table)
    op.drop_index("pull_request_base", "pull_request")
    op.drop_column("branch_commit", "push")
    op.drop_column("repository", "default_branch")
