"""events by arrival"""

from collections.abc import Sequence

from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # The partition that a batch is in, and its rows there, by one condition.
    op.create_index("token_event_received", "token_event", ["organization_id", "received_at"])
    op.drop_index("token_event_batch", "token_event")


def downgrade() -> None:
    op.create_index("token_event_batch", "token_event", ["organization_id", "batch_id"])
    op.drop_index("token_event_received", "token_event")
