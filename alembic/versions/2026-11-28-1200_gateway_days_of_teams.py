"""gateway days of teams"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Notes that name no team were made before, and mean every one.
    op.add_column("stale_gateway_day", sa.Column("team_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "stale_gateway_day",
        sa.Column("noted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("stale_gateway_day", "noted_at")
    op.drop_column("stale_gateway_day", "team_id")
