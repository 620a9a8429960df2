"""studies of reported outcomes"""

from collections.abc import Sequence

from alembic import op

revision: str = "202611301743"
down_revision: str | None = "202611301742"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("ALTER TABLE effect_study ADD outcome_report varchar NOT NULL DEFAULT '{}'")


def downgrade() -> None:
    op.execute("ALTER TABLE effect_study DROP outcome_report")
