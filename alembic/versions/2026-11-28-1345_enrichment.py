"""enrichment"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

POLICY = """
CREATE POLICY tenant ON enrichment
USING (
    organization_id = NULLIF(current_setting('shipledger.organization_id', true), '')::bigint
    OR current_setting('shipledger.operator', true) = 'on'
)
"""


def instant(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def now(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "enrichment",
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("artifact_id", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("repository_id", sa.LargeBinary(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        now("asked_at"),
        instant("leased_until"),
        sa.Column("base_id", sa.LargeBinary(), nullable=True),
        sa.Column("noted", sa.Integer(), nullable=True),
        sa.Column("agreed", sa.Integer(), nullable=True),
        instant("finished_at"),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        now("next_attempt_at"),
        sa.Column("failure", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "connection_id"], ["connection.organization_id", "connection.connection_id"]
        ),
        sa.PrimaryKeyConstraint("organization_id", "artifact_id"),
    )
    op.create_index(
        "enrichment_waiting",
        "enrichment",
        ["organization_id", "next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "enrichment_base",
        "enrichment",
        ["organization_id", "base_id"],
        unique=False,
        postgresql_where=sa.text("base_id IS NOT NULL"),
    )
    op.execute("ALTER TABLE enrichment ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE enrichment FORCE ROW LEVEL SECURITY")
    op.execute(POLICY)
    # Until now only imports listed what a release ships; a list of nobody that is named is one of theirs.
    op.add_column("release", sa.Column("told_by", sa.String(), nullable=True))


def downgrade() -> None:
    # What forges listed would stand as if it had been imported.
    op.execute(
        "DELETE FROM release_told USING release WHERE release.organization_id = release_told.organization_id"
        " AND release.artifact_id = release_told.release_id AND release.told_by = 'forge'"
    )
    op.execute("UPDATE release SET is_told = false WHERE told_by = 'forge'")
    op.drop_column("release", "told_by")
    op.drop_table("enrichment")
