"""weekly digests to alert channels"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "202611302401"
down_revision: str | None = "202611302301"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("alert_channel", sa.Column("digested_to", sa.Date(), nullable=True))
    op.add_column("alert_delivery", sa.Column("week", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("alert_delivery", "week")
    op.drop_column("alert_channel", "digested_to")
