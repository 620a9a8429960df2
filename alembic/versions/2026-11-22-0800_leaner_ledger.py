"""leaner ledger"""

from collections.abc import Sequence

from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Only settlements write here, and a settlement's own row is bound to its team. Checking the team of every row, and
    # an index by pull request where only the rollup is asked by it, took nearly half of the time to write a year.
    op.drop_constraint("attribution_organization_id_team_id_fkey", "attribution", type_="foreignkey")
    op.drop_constraint("attribution_rollup_organization_id_team_id_fkey", "attribution_rollup", type_="foreignkey")
    op.drop_index("attribution_artifact", table_name="attribution")


def downgrade() -> None:
    op.create_index("attribution_artifact", "attribution", ["organization_id", "artifact_id"])
    for table in ("attribution", "attribution_rollup"):
        op.create_foreign_key(
            f"{table}_organization_id_team_id_fkey",
            table,
            "team",
            ["organization_id", "team_id"],
            ["organization_id", "team_id"],
        )
