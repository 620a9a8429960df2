"""session evidence says how it is known, and whether it says only where a process began"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "202612010701"
down_revision: str | None = "202612010602"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("session_evidence", sa.Column("source", sa.String(), server_default="record", nullable=False))
    op.add_column("session_evidence", sa.Column("is_start", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    op.drop_column("session_evidence", "is_start")
    op.drop_column("session_evidence", "source")
