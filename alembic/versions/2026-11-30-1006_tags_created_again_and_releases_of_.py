"""tags created again and releases of packages"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "202611301006"
down_revision: str | None = "202611300530"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("release", sa.Column("tag_created_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("release", sa.Column("by_package_folder", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("release", "by_package_folder")
    op.drop_column("release", "tag_created_at")
