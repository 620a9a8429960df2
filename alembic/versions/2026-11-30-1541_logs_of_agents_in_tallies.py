"""logs of agents in tallies"""

from collections.abc import Sequence

from alembic import op

revision: str = "202611301541"
down_revision: str | None = "202611301540"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE token_tally ADD logs_input bigint NOT NULL DEFAULT 0, ADD logs_output bigint NOT NULL DEFAULT 0,"
        " ADD logs_until timestamptz, ADD logs_since timestamptz"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE token_tally DROP logs_input, DROP logs_output, DROP logs_until, DROP logs_since")
