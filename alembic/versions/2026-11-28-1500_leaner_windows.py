"""leaner windows

Token windows hold what came with an intake total or as a derived window, and those are of teams that are known: checking
it again for each window took a tenth of the time in which events are folded.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0033"
down_revision: str | None = "0032"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.drop_constraint("token_window_organization_id_team_id_fkey", "token_window", type_="foreignkey")


def downgrade() -> None:
    op.create_foreign_key(
        "token_window_organization_id_team_id_fkey",
        "token_window",
        "team",
        ["organization_id", "team_id"],
        ["organization_id", "team_id"],
    )
