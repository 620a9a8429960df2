"""bodies as they are"""

from collections.abc import Sequence

from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Bodies are compressed before they are sealed, and what is sealed cannot be compressed: it is not tried any more.
    op.execute("ALTER TABLE delivery ALTER COLUMN sealed_body SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.execute("ALTER TABLE delivery ALTER COLUMN sealed_body SET STORAGE EXTENDED")
