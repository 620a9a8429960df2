"""received weeks

What a team received in a week is summed beside what it merged, and intake totals say how much of each is in that sum. Both
are empty at first: what is not summed yet is added while reading, and the workers sum it.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0035"
down_revision: str | None = "0034"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NOT_SUMMED = """
summed_tokens IS DISTINCT FROM input_uncached + cache_read + cache_write + output_visible + output_reasoning
"""


def upgrade() -> None:
    op.add_column("merged_week", sa.Column("received_tokens", sa.BigInteger(), nullable=True))
    op.add_column("intake_total", sa.Column("summed_tokens", sa.BigInteger(), nullable=True))
    op.create_index(
        "intake_total_not_summed",
        "intake_total",
        ["organization_id", "team_id", "day"],
        postgresql_where=sa.text(NOT_SUMMED),
    )


def downgrade() -> None:
    op.drop_index("intake_total_not_summed", table_name="intake_total")
    op.drop_column("intake_total", "summed_tokens")
    op.drop_column("merged_week", "received_tokens")
