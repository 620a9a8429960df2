"""derived windows"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

POLICY = """
CREATE POLICY tenant ON derived_window
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


def upgrade() -> None:
    op.add_column("token_window", sa.Column("basis", sa.String(), server_default="measured", nullable=False))
    op.create_table(
        "derived_window",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_id", sa.LargeBinary(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
            for name in (
                *("input_uncached", "cache_read", "cache_write", "output_visible", "output_reasoning"),
                *("cost_nano_usd", "requests", "unpriced_tokens"),
            )
        ),
        sa.ForeignKeyConstraint(["organization_id", "team_id"], ["team.organization_id", "team.team_id"]),
        sa.PrimaryKeyConstraint("organization_id", "origin", "team_id", "hour", "window_id"),
    )
    op.execute("ALTER TABLE derived_window ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE derived_window FORCE ROW LEVEL SECURITY")
    op.execute(POLICY)


def downgrade() -> None:
    op.drop_table("derived_window")
    op.drop_column("token_window", "basis")
