"""why the figures of a team are not reliable is measured with its intervals"""

from collections.abc import Sequence

import sqlalchemy as sa

from alembic import op

revision: str = "202612010901"
down_revision: str | None = "202612010811"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "interval_calibration", sa.Column("doubts", sa.ARRAY(sa.String()), server_default="{}", nullable=False)
    )
    op.add_column("interval_calibration", sa.Column("direct_error", sa.Float(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("interval_calibration", "direct_error")
    op.drop_column("interval_calibration", "doubts")
