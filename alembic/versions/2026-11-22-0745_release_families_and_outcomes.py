"""release families and outcomes"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("outcome", "pull_request_title", "release_fix", "release_told", "revert")

POLICY = """
CREATE POLICY tenant ON {table}
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


def upgrade() -> None:
    op.create_index("branch_commit_commit", "branch_commit", ["organization_id", "commit"], unique=False)
    op.add_column("release", sa.Column("family", sa.LargeBinary(), nullable=True))
    op.add_column("release", sa.Column("version", sa.ARRAY(sa.BigInteger()), nullable=True))
    op.add_column("release", sa.Column("is_prerelease", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("release", sa.Column("target_branch", sa.LargeBinary(), nullable=True))
    op.add_column("release", sa.Column("tagged_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("release", sa.Column("is_tag_only", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column("release", sa.Column("is_told", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_table(
        "release_told",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("release_id", sa.LargeBinary(), nullable=False),
        sa.Column("pull_request_id", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "release_id", "pull_request_id"),
    )
    op.create_table(
        "release_fix",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("release_id", sa.LargeBinary(), nullable=False),
        sa.Column("fix_id", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "release_id"),
    )
    op.create_table(
        "pull_request_title",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("artifact_id", sa.LargeBinary(), nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "artifact_id"),
    )
    op.create_index("pull_request_title_title", "pull_request_title", ["organization_id", "title"], unique=False)
    op.create_table(
        "revert",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("repository_id", sa.LargeBinary(), nullable=False),
        sa.Column("source_kind", sa.String(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("target_kind", sa.String(), nullable=False),
        sa.Column("target", sa.LargeBinary(), nullable=False),
        sa.Column("branch", sa.LargeBinary(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "organization_id", "repository_id", "source_kind", "source", "target_kind", "target", "branch"
        ),
    )
    op.create_table(
        "outcome",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("artifact_id", sa.LargeBinary(), nullable=False),
        sa.Column("pushes_after_opening", sa.Integer(), server_default="0", nullable=False),
        sa.Column("review_rounds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reverted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reverted_by", sa.LargeBinary(), nullable=True),
        sa.Column("fix_released_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("organization_id", "artifact_id"),
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(POLICY.format(table=table))
    # A stored release's tag is not known any more, so neither is its family: what it ships stays as it was linked.
    op.execute("SELECT set_config('shipledger.operator', 'on', true)")
    op.execute("UPDATE release SET is_told = true, is_tag_only = state = 'tag'")
    op.execute("INSERT INTO release_told SELECT organization_id, release_id, pull_request_id FROM release_pull_request")


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    for column in ("is_told", "is_tag_only", "tagged_at", "target_branch", "is_prerelease", "version", "family"):
        op.drop_column("release", column)
    op.drop_index("branch_commit_commit", table_name="branch_commit")
