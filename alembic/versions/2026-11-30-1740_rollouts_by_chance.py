"""roll-outs that were given to teams by chance"""

from collections.abc import Sequence

from alembic import op

revision: str = "202611301740"
down_revision: str | None = "202611301730"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("ALTER TABLE change ADD given bigint[], ADD held_back bigint[]")


def downgrade() -> None:
    op.execute("ALTER TABLE change DROP given, DROP held_back")
